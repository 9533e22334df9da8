import { policyOf } from '../approval-policy.ts'
import { standpoint } from '../authorize.ts'
import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import { remediationOf, withRemediation } from '../incident.ts'
import { isUnderWay, type Remediation } from '../remediation.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { refuse, serviceGone } from './person.ts'

type Abort = Extract<IncidentEvent, { type: 'abort-requested' }>

/** `/inc abort`, or the button beside what is under way. Whoever may approve may also stop, and one person is enough for that. */
export function applyAbort(incident: Incident, event: Abort, context: ApplyContext): Applied {
  const remediation = stoppable(incident, event.remediationId)
  if (remediation === undefined) {
    const text = 'Nothing is under way here that could be stopped: it is over, or it was never started.'
    return refuse(incident, event, { code: 'nothing-to-do', text }, context)
  }
  const service = context.serviceByName(remediation.plan.target.service)
  if (service === undefined) return refuse(incident, event, serviceGone(remediation), context)
  // Stopping must work when incbot was switched off in the middle of something.
  const standing = { ...context.standing, switchedOff: undefined }
  const stand = standpoint(event.by, { ...service, mode: 'act' }, policyOf(service, remediation.kind), standing)
  if ('refusal' in stand) return refuse(incident, event, stand.refusal, context)
  return stop(incident, remediation, event, context.now)
}

function stop(incident: Incident, remediation: Remediation, { by, reason }: Abort, now: number): Applied {
  const data = { remediationId: remediation.id }
  if (remediation.state === 'approved') {
    const outcome = { result: 'void', text: 'It was called off before it began; nothing was changed.' } as const
    return changed(withRemediation(incident, remediation.id, { state: 'void', outcome, finishedAt: now }), {
      at: now,
      actor: by.user,
      type: 'remediation.aborted',
      text: `Called off before it began: ${remediation.plan.summary}`,
      data,
    })
  }
  return changed(withRemediation(incident, remediation.id, { halt: { at: now, by: by.user, reason } }), {
    at: now,
    actor: by.user,
    type: 'remediation.abort-requested',
    text: `Wants it stopped: ${remediation.plan.summary}`,
    data: { ...data, reason },
  })
}

function stoppable(incident: Incident, remediationId: string | undefined): Remediation | undefined {
  const candidates =
    remediationId === undefined
      ? incident.remediations
      : [remediationOf(incident, remediationId)].filter((one) => one !== undefined)
  return candidates.findLast((one) => isUnderWay(one) && one.halt === undefined)
}

/** What is watched went bad. */
export function applyHaltWanted(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'halt-wanted' }>,
  { now }: ApplyContext,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  if (remediation?.state !== 'following' || remediation.halt !== undefined) return unchanged(incident)
  const halt = { at: now, by: 'incbot', reason: event.reason }
  return changed(withRemediation(incident, remediation.id, { halt }), {
    at: now,
    actor: 'incbot',
    type: 'remediation.halt-wanted',
    text: event.reason,
    data: { remediationId: remediation.id },
  })
}
