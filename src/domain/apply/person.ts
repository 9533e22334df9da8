import { personRefusal, proposalRefusal } from '../authorize.ts'
import type { IncidentEvent, Person } from '../event.ts'
import type { Incident } from '../incident.ts'
import { remediationOf, withRemediation } from '../incident.ts'
import type { RefusalReason, Remediation } from '../remediation.ts'
import type { Service } from '../service.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { startInvestigation } from './investigation.ts'

/** `/inc diagnose`: a report of its own, which nobody needs permission for. */
export function applyDiagnoseRequested(
  incident: Incident | undefined,
  id: string,
  event: Extract<IncidentEvent, { type: 'diagnose-requested' }>,
  { now }: ApplyContext,
): Applied {
  const report = incident ?? commandIncident(id, `Diagnosis of ${event.service}`, event, now)
  return changed(startInvestigation(report, 'requested', now), {
    at: now,
    actor: event.by.user,
    type: 'command.diagnose',
    text: `Asked for a diagnosis of ${event.service}`,
  })
}

/** `/inc freeze`: a remediation that is approved in the same breath, by the same rules as a button. */
export function applyFreezeRequested(
  incident: Incident | undefined,
  id: string,
  event: Extract<IncidentEvent, { type: 'freeze-requested' }>,
  context: ApplyContext,
): Applied {
  if (incident !== undefined) return unchanged(incident)
  const record = commandIncident(id, `Deploy freeze of ${event.service}`, event, context.now)
  const offered: Incident = { ...record, remediations: [event.remediation] }
  return decide(offered, event.remediation, { by: event.by, clickId: `${id}-command`, channel: event.channel }, context)
}

/** A button was pressed. */
export function applyClick(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'clicked' }>,
  context: ApplyContext,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  if (remediation === undefined) {
    return refuse(
      incident,
      event,
      { code: 'unknown-proposal', text: 'This button belongs to nothing that incbot knows; nothing was started.' },
      context,
    )
  }
  return decide(incident, remediation, event, context)
}

/** `/inc unfreeze`, sent to the incident that holds the freeze. */
export function applyUnfreezeRequested(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'unfreeze-requested' }>,
  context: ApplyContext,
): Applied {
  const { now } = context
  const frozen = incident.remediations.find(
    (one) => one.kind === 'deploy-freeze' && one.state === 'succeeded' && one.ended === undefined,
  )
  if (frozen === undefined) return unchanged(incident)
  const service = context.serviceByName(frozen.plan.target.service)
  const reason = service ? personRefusal(event.by, service, context.standing) : serviceGone(frozen)
  if (reason)
    return refuse(incident, { by: event.by, channel: event.channel, clickId: `unfreeze-${now}` }, reason, context)
  return {
    incident: withRemediation(incident, frozen.id, { ended: { at: now, by: event.by.user } }),
    timeline: [
      {
        at: now,
        actor: event.by.user,
        type: 'freeze.lifted',
        text: `Lifted the freeze of ${frozen.plan.target.service}`,
      },
    ],
    effects: [{ do: 'lift-freeze', freezeId: frozen.id, by: event.by.user }],
  }
}

interface Press {
  readonly by: Person
  readonly clickId: string
  readonly channel: string
}

function decide(incident: Incident, remediation: Remediation, press: Press, context: ApplyContext): Applied {
  const { now } = context
  const service = context.serviceByName(remediation.plan.target.service)
  const reason =
    proposalRefusal(incident, remediation, now) ??
    (service ? personRefusal(press.by, service, context.standing) : serviceGone(remediation))
  if (reason) return refuse(incident, press, reason, context)
  return approve(incident, remediation, press, service, now)
}

function approve(
  incident: Incident,
  remediation: Remediation,
  press: Press,
  service: Service | undefined,
  now: number,
): Applied {
  const { user, name } = press.by
  const approval = { by: user, ...(name !== undefined && { name }), at: now }
  if (service?.mode !== 'act') {
    const text = `Nothing was changed: ${remediation.plan.target.service} is in propose mode. With \`mode: act\` incbot would now: ${remediation.plan.summary}.`
    return changed(
      withRemediation(incident, remediation.id, {
        state: 'rehearsed',
        approval,
        finishedAt: now,
        outcome: { result: 'void', text },
      }),
      { at: now, actor: press.by.user, type: 'remediation.rehearsed', text, data: { remediationId: remediation.id } },
    )
  }
  return changed(withRemediation(incident, remediation.id, { state: 'approved', approval }), {
    at: now,
    actor: press.by.user,
    type: 'remediation.approved',
    text: `Approved: ${remediation.plan.summary}`,
    data: { remediationId: remediation.id },
  })
}

function refuse(incident: Incident, press: Press, reason: RefusalReason, { now }: ApplyContext): Applied {
  const refusal = { id: press.clickId, user: press.by.user, channel: press.channel, text: reason.text, at: now }
  return changed(
    { ...incident, refusals: [...incident.refusals, refusal] },
    { at: now, actor: press.by.user, type: 'refused', text: reason.text, data: { code: reason.code } },
  )
}

function serviceGone(remediation: Remediation): RefusalReason {
  return {
    code: 'unknown-proposal',
    text: `${remediation.plan.target.service} is no longer in the service catalogue; nothing was started.`,
  }
}

function commandIncident(
  id: string,
  title: string,
  event: { service: string; by: Person; channel: string },
  now: number,
): Incident {
  return {
    id,
    origin: 'command',
    title,
    service: event.service,
    status: 'acknowledged',
    statusAt: now,
    openedAt: now,
    mergedFrom: [],
    channel: event.channel,
    requestedBy: event.by.user,
    live: true,
    investigations: [],
    remediations: [],
    refusals: [],
  }
}
