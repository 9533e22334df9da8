import type { Standing } from '../domain/authorize.ts'
import type { IncidentEvent, Person } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import { remediationOf } from '../domain/incident.ts'
import type { Ports } from './ports.ts'

/** A person waits for the answer; after this only the static list of approvers counts. */
const LOOKUP_MS = 2_000

/** What must be known about a person before their event can be applied; nothing is asked for events that no person caused. */
export async function standingFor(
  ports: Ports,
  incident: Incident | undefined,
  event: IncidentEvent,
): Promise<Standing> {
  const request = changeWanted(incident, event)
  if (request === undefined) return { groups: [], switchedOff: undefined }
  const groups = ports.catalogue().byName(request.service)?.approvers.groups ?? []
  const [memberOf, switchedOff] = await Promise.all([
    groups.length === 0 ? [] : ports.directory.groupsOf(request.by, groups, AbortSignal.timeout(LOOKUP_MS)),
    ports.switchedOff(),
  ])
  return { groups: memberOf, switchedOff }
}

function changeWanted(
  incident: Incident | undefined,
  event: IncidentEvent,
): { readonly by: Person; readonly service: string } | undefined {
  if (event.type === 'freeze-requested') return { by: event.by, service: event.service }
  if (event.type === 'clicked') {
    const remediation = incident && remediationOf(incident, event.remediationId)
    return remediation && { by: event.by, service: remediation.plan.target.service }
  }
  if (event.type === 'unfreeze-requested' && incident?.service !== undefined) {
    return { by: event.by, service: incident.service }
  }
  return undefined
}
