import { policyOf } from '../domain/approval-policy.ts'
import type { Standing } from '../domain/authorize.ts'
import type { IncidentEvent, Person } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import { remediationOf } from '../domain/incident.ts'
import { isUnderWay } from '../domain/remediation.ts'
import type { Service } from '../domain/service.ts'
import type { Ports } from './ports.ts'

/** A person waits for the answer; after this only the static list of approvers counts. */
const LOOKUP_MS = 2_000
const NOBODY: Standing = { groups: [], facts: 'unknown', onCall: [], switchedOff: undefined }

/** What must be known about a person before their event can be applied; nothing is asked for events that no person caused. */
export async function standingFor(
  ports: Ports,
  incident: Incident | undefined,
  event: IncidentEvent,
): Promise<Standing> {
  const wanted = changeWanted(incident, event)
  const service = wanted && ports.catalogue().byName(wanted.service)
  if (wanted === undefined || service === undefined) return NOBODY
  const { directory } = ports
  const signal = AbortSignal.timeout(LOOKUP_MS)
  const groups = groupsThatMatter(service, wanted.kind)
  const [memberOf, facts, onCall, switchedOff] = await Promise.all([
    groups.length === 0 ? [] : directory.groupsOf(wanted.by, groups, signal),
    directory.factsOf(wanted.by, signal),
    onCallFor(ports, incident, service, wanted.kind, signal),
    ports.switchedOff(),
  ])
  return { groups: memberOf, facts, onCall, switchedOff }
}

function groupsThatMatter(service: Service, kind: string): readonly string[] {
  return [...new Set([...policyOf(service, kind).approvers.groups, ...(service.breakGlass?.groups ?? [])])]
}

/** PagerDuty named the policy of what it started; for anything else the catalogue does. */
async function onCallFor(
  ports: Ports,
  incident: Incident | undefined,
  service: Service,
  kind: string,
  signal: AbortSignal,
): Promise<Standing['onCall']> {
  if (policyOf(service, kind).approvers.onCall !== true) return []
  const policy = incident?.pagerduty?.escalationPolicyId ?? service.escalationPolicyId
  return policy === undefined ? 'unknown' : ports.directory.onCall(policy, signal)
}

interface Wanted {
  readonly by: Person
  readonly service: string
  readonly kind: string
}

function changeWanted(incident: Incident | undefined, event: IncidentEvent): Wanted | undefined {
  if (event.type === 'freeze-requested') {
    return { by: event.by, service: event.service, kind: event.remediation.kind }
  }
  if (event.type === 'clicked') return incident && about(event.by, remediationOf(incident, event.remediationId))
  if (event.type === 'abort-requested') {
    const { remediationId: id } = event
    const meant =
      id === undefined ? incident?.remediations.findLast(isUnderWay) : incident && remediationOf(incident, id)
    return about(event.by, meant)
  }
  const ofFreeze =
    event.type === 'unfreeze-requested' || event.type === 'exempt-requested' || event.type === 'extend-requested'
  if (!ofFreeze || incident?.service === undefined) return undefined
  return { by: event.by, service: incident.service, kind: 'deploy-freeze' }
}

function about(by: Person, remediation: Incident['remediations'][number] | undefined): Wanted | undefined {
  return remediation && { by, service: remediation.plan.target.service, kind: remediation.kind }
}
