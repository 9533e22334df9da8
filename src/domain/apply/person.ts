import type { IncidentEvent, Request } from '../event.ts'
import type { Incident } from '../incident.ts'
import type { RefusalReason, Remediation } from '../remediation.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
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

/** Tells the person why not, and records it. */
export function refuse(
  incident: Incident,
  { requestId, by, channel }: Request,
  reason: RefusalReason,
  { now }: Pick<ApplyContext, 'now'>,
  data: Readonly<Record<string, unknown>> = {},
): Applied {
  const refusal = { id: requestId, user: by.user, channel, text: reason.text, at: now }
  return changed(
    { ...incident, refusals: [...incident.refusals, refusal] },
    { at: now, actor: by.user, type: 'refused', text: reason.text, data: { code: reason.code, ...data } },
  )
}

export function serviceGone({ plan }: Remediation): RefusalReason {
  return {
    code: 'unknown-proposal',
    text: `${plan.target.service} is no longer in the service catalogue; nothing was started.`,
  }
}

/** The record of something that a person asked for, and PagerDuty knows nothing of. */
export function commandIncident(
  id: string,
  title: string,
  event: Pick<Request, 'by' | 'channel'> & { readonly service: string },
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
