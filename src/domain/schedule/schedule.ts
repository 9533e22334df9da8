import { type Cron, latestTurn } from './cron.ts'

/** When it is something's turn: every so often, counted from the epoch, or by the calendar of a place. */
export type Rhythm = { readonly everyMs: number } | { readonly cron: Cron; readonly timeZone: string }

/** An entry of `schedule:`: a runbook whose checks run without anybody asking. */
export interface ScheduledCheck {
  readonly name: string
  readonly rhythm: Rhythm
  /** Names in the catalogue; every service where absent. */
  readonly services?: readonly string[]
  readonly runbook: string
}

/** The hand-off digest: when, and where to. */
export interface DigestPlan {
  readonly rhythm: Rhythm
  readonly channel: string
  readonly timeZone: string
  readonly whenEmpty: 'nothing' | 'line'
}

/**
 * The moment whose turn it is at `now`, both in ms since the epoch: the same for every replica and after every restart, however late
 * somebody looks. However many were missed, it is the last one. Undefined where none has been yet.
 */
export function slotAt(rhythm: Rhythm, now: number): number | undefined {
  if ('everyMs' in rhythm) return Math.floor(now / rhythm.everyMs) * rhythm.everyMs
  return latestTurn(rhythm.cron, rhythm.timeZone, now)
}
