import type { Applied } from './apply/applied.ts'
import { startInvestigation } from './apply/investigation.ts'
import type { Incident } from './incident.ts'
import { withRemediation } from './incident.ts'
import type { Remediation } from './remediation.ts'
import { isOpen } from './remediation.ts'
import { nextSteps } from './steps.ts'
import type { TimelineEntry } from './timeline.ts'
import { formatMoment } from './units.ts'

/** A freeze is about to end: people get this long to extend it, and of a short one a quarter of its time. */
const REMIND_MS = 15 * 60_000
const REMIND_SHARE = 0.25

/** An approval is for now. What could not begin for so long, because incbot was away, is asked for again. */
const BEGIN_WITHIN_MS = 5 * 60_000

/** What time does to one remediation next. */
interface Change {
  readonly at: number
  readonly apply: (incident: Incident, now: number) => readonly [Incident, TimelineEntry]
}

/** What only the passing of time changes: offers expire, freezes end, effects are measured. */
export function advance(incident: Incident, now: number): Applied {
  let next = incident
  const timeline: TimelineEntry[] = []
  for (const { id } of incident.remediations) {
    const remediation = next.remediations.find((one) => one.id === id)
    const change = remediation && changeOf(next, remediation)
    if (change === undefined || change.at > now) continue
    const [changed, entry] = change.apply(next, now)
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
  const times = incident.remediations.flatMap((one) => changeOf(incident, one)?.at ?? [])
  return times.length === 0 ? undefined : Math.min(...times)
}

function changeOf(incident: Incident, remediation: Remediation): Change | undefined {
  if (isOpen(remediation)) return { at: remediation.expiresAt, apply: expire(remediation) }
  if (remediation.state === 'approved' && remediation.approval !== undefined)
    return { at: remediation.approval.at + BEGIN_WITHIN_MS, apply: begunTooLate(remediation) }
  if (remediation.ended === undefined && frozenUntil(remediation) !== undefined) return freezeChange(remediation)
  return measurement(incident, remediation)
}

function freezeChange(remediation: Remediation): Change | undefined {
  const until = frozenUntil(remediation)
  if (remediation.state !== 'succeeded' || until === undefined) return undefined
  if (remediation.freeze?.remindedAt !== undefined) return { at: until, apply: endFreeze(remediation) }
  const length = until - (remediation.finishedAt ?? until)
  return { at: until - Math.min(REMIND_MS, length * REMIND_SHARE), apply: remind(remediation, until) }
}

/** Right after it finished, and once more later: what holds for two minutes need not hold for half an hour. */
function measurement(incident: Incident, remediation: Remediation): Change | undefined {
  const { id, state, finishedAt, verifyAfterMs, verifyAgainAfterMs } = remediation
  const worthIt = state === 'succeeded' || state === 'halted'
  if (!worthIt || finishedAt === undefined || verifyAfterMs === undefined) return undefined
  const measured = incident.investigations.filter(({ verifies }) => verifies === id)
  if (measured.some((one) => one.state === 'running')) return undefined
  const after = [verifyAfterMs, verifyAgainAfterMs][measured.length]
  return after === undefined ? undefined : { at: finishedAt + after, apply: measure(remediation) }
}

const expire =
  (remediation: Remediation): Change['apply'] =>
  (incident, now) => {
    const missing = (remediation.approvalsNeeded ?? 1) - (remediation.endorsements?.length ?? 0)
    const text =
      remediation.state === 'blocked'
        ? 'It could not be done, and nobody went over that in time.'
        : remediation.endorsements === undefined
          ? 'Nobody pressed it in time.'
          : `It was not approved in time: ${missing} more ${missing === 1 ? 'person was' : 'people were'} needed.`
    const outcome = { result: 'void', text, because: 'expired' } as const
    return [
      withRemediation(incident, remediation.id, { state: 'void', finishedAt: now, outcome }),
      entry(remediation, now, 'remediation.expired', `${remediation.title}: the offer expired`),
    ]
  }

const begunTooLate =
  (remediation: Remediation): Change['apply'] =>
  (incident, now) => {
    const text = `It was approved at ${formatMoment(remediation.approval?.at ?? now, now)}, and incbot could not begin within ${BEGIN_WITHIN_MS / 60_000} min; nothing was changed. Ask for a fresh diagnosis.`
    const outcome = { result: 'void', text, because: 'expired' } as const
    return [
      withRemediation(incident, remediation.id, { state: 'void', finishedAt: now, outcome }),
      entry(remediation, now, 'remediation.void', text),
    ]
  }

/** Who was away until it had ended needs no reminder. */
const remind =
  (remediation: Remediation, until: number): Change['apply'] =>
  (incident, now) =>
    now >= until
      ? endFreeze(remediation)(incident, now)
      : [
          withRemediation(incident, remediation.id, { freeze: { ...remediation.freeze, remindedAt: now } }),
          {
            ...entry(
              remediation,
              now,
              'freeze.ending',
              `The freeze of ${remediation.plan.target.service} is about to end`,
            ),
            data: { remediationId: remediation.id, until },
          },
        ]

const endFreeze =
  (remediation: Remediation): Change['apply'] =>
  (incident, now) => [
    withRemediation(incident, remediation.id, { ended: { at: now, by: 'expiry' } }),
    entry(remediation, now, 'freeze.ended', `The freeze of ${remediation.plan.target.service} ended by itself`),
  ]

const measure =
  (remediation: Remediation): Change['apply'] =>
  (incident, now) => [
    startInvestigation(incident, 'verification', now, remediation.id),
    entry(remediation, now, 'verification.started', `Measuring what “${remediation.title}” changed`),
  ]

function entry(remediation: Remediation, at: number, type: string, text: string): TimelineEntry {
  return { at, actor: 'incbot', type, text, data: { remediationId: remediation.id } }
}

/** End of a freeze, ms since the epoch; undefined where the remediation is not one. */
export function frozenUntil(remediation: Pick<Remediation, 'effect'>): number | undefined {
  const until = remediation.effect?.frozenUntil
  return typeof until === 'number' ? until : undefined
}
