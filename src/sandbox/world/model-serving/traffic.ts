const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS

/** Requests per second that one pod serves at the quietest and the busiest hour. */
const QUIET = 90
const BUSY = 210
/** Last week was this much busier. */
const LAST_WEEK = 1.08

/**
 * Requests per second of one pod. The day's rhythm is told from `now`, the end of the simulated past, which lies in the small hours
 * whatever the real clock says; before that, the evening's traffic fades.
 */
export function requestsPerSecond(at: number, now: number): number {
  const week = at < now - WEEK_MS / 2 ? { at: at + WEEK_MS, factor: LAST_WEEK } : { at, factor: 1 }
  const hours = (week.at - now) / HOUR_MS
  const share = (1 - Math.cos((2 * Math.PI * (hours - 1)) / 24)) / 2
  return (QUIET + (BUSY - QUIET) * share) * week.factor
}

/** When to tell of last week: the same stretch as the past that is told in full, and as long ahead as somebody may look on. */
export function lastWeek(now: number, historyMs: number): { readonly from: number; readonly to: number } {
  return { from: now - WEEK_MS - historyMs, to: now - WEEK_MS + 4 * HOUR_MS }
}
