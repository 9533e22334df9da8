import type { Severity } from './finding.ts'
import { compareSeverities } from './finding.ts'
import { isWorkTime, nextWorkBegins, type WorkingHours } from './schedule/working-hours.ts'

/** The fact by which a check says how many hours are left to a limit. */
export const TIME_TO_LIMIT = 'timeToLimit'

/** When memory meets its limit if all goes on as it does. Times are ms since the epoch. */
export interface Foreseen {
  readonly at: number
  /** Between these with 80 %. */
  readonly earliestAt: number
  readonly latestAt: number
  /** When it was foreseen. */
  readonly asOf: number
  readonly severity?: Severity
  readonly replica?: string
  readonly growthBytesPerHour?: number
  /** The explanation that leads. */
  readonly hypothesis?: string
}

/** What one run of a runbook's checks says about the time ahead. */
export type Prediction =
  | ({ readonly is: 'limit' } & Foreseen)
  | { readonly is: 'no-limit' }
  /** It could not be told; `why` is a sentence. */
  | { readonly is: 'unknown'; readonly why: string }

/** A post of its own that the trouble came nearer or grew. */
export interface Escalation {
  readonly at: number
  readonly because: string
  readonly foreseen: Foreseen
}

/** What scheduled runs of one runbook have said about one service so far. Survives restarts with the record. */
export interface PreAlert {
  /** `watching`: nothing to say. `open`: it stands in Slack. `closed`: it is over; what comes back gets a record of its own. */
  readonly state: 'watching' | 'open' | 'closed'
  /** The entry of `schedule:` that ran last. */
  readonly schedule: string
  readonly runbook: string
  readonly openedAt?: number
  readonly closedAt?: number
  /** As of the last run that could tell. */
  readonly foreseen?: Foreseen
  /** When working hours begin next, and whether people are at work when the limit is met. */
  readonly workBeginsAt?: number
  readonly isWorkTime?: boolean
  readonly timeZone?: string
  /** The worst that was posted: what is no worse than that is no news. */
  readonly told?: { readonly severity?: Severity; readonly isSoon: boolean }
  readonly escalations: readonly Escalation[]
  /** Runs in a row that foresaw nothing. */
  readonly clearRuns: number
  /** The last runs could not tell. */
  readonly unknown?: { readonly since: number; readonly why: string }
}

export interface PreAlertDecision {
  /** `open` and `escalate` make a new post, `update` edits, `clear` closes, `quiet` says nothing. */
  readonly do: 'open' | 'update' | 'escalate' | 'quiet' | 'clear'
  /** In words, for the record. */
  readonly because: string
  readonly next: PreAlert
}

/** So near that it is news once more. */
const SOON_MS = 2 * 3_600_000
/** A single run without trouble may be noise: after so many in a row it is over. */
const CLEAR_RUNS = 2

/** A service that is looked at for the first time. */
export function firstWatch(schedule: string, runbook: string): PreAlert {
  return { state: 'watching', schedule, runbook, escalations: [], clearRuns: 0 }
}

/**
 * What one more run means. It warns when the limit may be met before working hours begin again. The early end of the 80 % interval decides
 * that, because whoever may wait until Monday must be able to rely on it, and a card that was not needed costs a glance; a forecast of 0.5 h
 * to 40 h therefore warns. What makes a new post (`escalate`) goes by the best estimate: it says that it is worse now, and a wide interval does not say so.
 * Not knowing is not clear: it closes nothing, and begins the counting of clear runs anew.
 */
export function preAlert(
  prediction: Prediction,
  workingHours: WorkingHours,
  previous: PreAlert,
  now: number,
): PreAlertDecision {
  if (previous.state === 'closed') return { do: 'quiet', because: 'It is closed.', next: previous }
  if (prediction.is === 'unknown') return cannotTell(prediction.why, previous, now)
  const { unknown: _answered, ...known } = previous
  const workBeginsAt = nextWorkBegins(workingHours, now)
  if (prediction.is === 'no-limit') return nothingAhead(known, 'Memory does not grow towards its limit.', now)
  const { is: _is, ...foreseen } = prediction
  const looked = {
    ...known,
    foreseen,
    workBeginsAt,
    isWorkTime: isWorkTime(workingHours, foreseen.at),
    timeZone: workingHours.timeZone,
  }
  if (foreseen.earliestAt >= workBeginsAt)
    return nothingAhead(looked, 'The limit is met after working hours begin, at the earliest.', now)
  return previous.state === 'open' ? stillAhead(looked, foreseen, now) : opened(looked, foreseen, now)
}

function opened(looked: PreAlert, foreseen: Foreseen, now: number): PreAlertDecision {
  const told = toldBy(foreseen, now)
  const next = { ...looked, state: 'open', openedAt: now, told, clearRuns: 0, escalations: [] } as const
  return { do: 'open', because: 'The limit may be met before working hours begin.', next }
}

function stillAhead(looked: PreAlert, foreseen: Foreseen, now: number): PreAlertDecision {
  const because = worseBecause(looked.told, foreseen, now)
  const next = { ...looked, clearRuns: 0 }
  if (because === undefined) return { do: 'update', because: 'It is still ahead.', next }
  const told = worst(looked.told, toldBy(foreseen, now))
  const escalations = [...looked.escalations, { at: now, because, foreseen }]
  return { do: 'escalate', because, next: { ...next, told, escalations } }
}

/** Why it is worse than anything that was posted; undefined where it is not. */
function worseBecause(told: PreAlert['told'], foreseen: Foreseen, now: number): string | undefined {
  const { severity } = foreseen
  if (toldBy(foreseen, now).isSoon && told?.isSoon !== true) return 'It is now less than 2 h away.'
  if (severity !== undefined && compareSeverities(severity, told?.severity) < 0)
    return `It is now ${severity}, and was ${told?.severity ?? 'no problem'}.`
  return undefined
}

function toldBy({ at, severity }: Foreseen, now: number): NonNullable<PreAlert['told']> {
  return { isSoon: at <= now + SOON_MS, ...(severity && { severity }) }
}

function worst(before: PreAlert['told'], after: NonNullable<PreAlert['told']>): NonNullable<PreAlert['told']> {
  const severity = compareSeverities(after.severity, before?.severity) < 0 ? after.severity : before?.severity
  return { isSoon: after.isSoon || before?.isSoon === true, ...(severity && { severity }) }
}

function nothingAhead(looked: PreAlert, because: string, now: number): PreAlertDecision {
  if (looked.state !== 'open') return { do: 'quiet', because, next: looked }
  const clearRuns = looked.clearRuns + 1
  if (clearRuns < CLEAR_RUNS) return { do: 'update', because, next: { ...looked, clearRuns } }
  return { do: 'clear', because, next: { ...looked, clearRuns, state: 'closed', closedAt: now } }
}

function cannotTell(why: string, previous: PreAlert, now: number): PreAlertDecision {
  const unknown = { since: previous.unknown?.since ?? now, why }
  const next = { ...previous, clearRuns: 0, unknown }
  return { do: previous.state === 'open' ? 'update' : 'quiet', because: why, next }
}
