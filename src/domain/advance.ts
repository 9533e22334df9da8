import type { Applied } from './apply/applied.ts'
import { startInvestigation } from './apply/investigation.ts'
import type { Incident } from './incident.ts'
import { withRemediation } from './incident.ts'
import type { Remediation } from './remediation.ts'
import { nextSteps } from './steps.ts'
import type { TimelineEntry } from './timeline.ts'

/** What only the passing of time changes: offers expire, freezes end, effects are measured. */
export function advance(incident: Incident, now: number): Applied {
  let next = incident
  const timeline: TimelineEntry[] = []
  for (const remediation of incident.remediations) {
    if (dueAt(incident, remediation) === undefined || (dueAt(incident, remediation) ?? now) > now) continue
    const [changed, entry] = timePassed(next, remediation, now)
    next = changed
    timeline.push(entry)
  }
  return { incident: isOver(next) ? { ...next, status: 'resolved', statusAt: now } : next, timeline, effects: [] }
}

/** A report that somebody asked for is over when nothing of it goes on; an incident of PagerDuty's is over when PagerDuty says so. */
function isOver(incident: Incident): boolean {
  return (
    incident.origin === 'command' &&
    incident.status !== 'resolved' &&
    nextSteps(incident).length === 0 &&
    nextChangeAt(incident) === undefined
  )
}

/** When time will change this incident next, ms since the epoch; undefined when it will not. */
export function nextChangeAt(incident: Incident): number | undefined {
  const times = incident.remediations.map((one) => dueAt(incident, one)).filter((at) => at !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

function dueAt(incident: Incident, remediation: Remediation): number | undefined {
  if (remediation.state === 'proposed') return remediation.expiresAt
  if (remediation.state !== 'succeeded') return undefined
  const until = frozenUntil(remediation)
  if (until !== undefined) return remediation.ended === undefined ? until : undefined
  const verified = incident.investigations.some((one) => one.verifies === remediation.id)
  if (verified || remediation.verifyAfterMs === undefined || remediation.finishedAt === undefined) return undefined
  return remediation.finishedAt + remediation.verifyAfterMs
}

function timePassed(incident: Incident, remediation: Remediation, now: number): [Incident, TimelineEntry] {
  const line = (type: string, text: string): TimelineEntry => ({
    at: now,
    actor: 'incbot',
    type,
    text,
    data: { remediationId: remediation.id },
  })
  if (remediation.state === 'proposed') {
    const outcome = { result: 'void', text: 'Nobody pressed it in time.' } as const
    return [
      withRemediation(incident, remediation.id, { state: 'void', finishedAt: now, outcome }),
      line('remediation.expired', `${remediation.title}: the offer expired`),
    ]
  }
  if (frozenUntil(remediation) !== undefined) {
    return [
      withRemediation(incident, remediation.id, { ended: { at: now, by: 'expiry' } }),
      line('freeze.ended', `The freeze of ${remediation.plan.target.service} ended by itself`),
    ]
  }
  return [
    startInvestigation(incident, 'verification', now, remediation.id),
    line('verification.started', `Measuring what “${remediation.title}” changed`),
  ]
}

/** End of a freeze, ms since the epoch; undefined where the remediation is not one. */
export function frozenUntil(remediation: Remediation): number | undefined {
  const until = remediation.effect?.frozenUntil
  return typeof until === 'number' ? until : undefined
}
