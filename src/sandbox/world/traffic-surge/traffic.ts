const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The story is told from a quarter past seven, whatever the real clock says. */
const TOLD_AT_HOURS = 7.25
/** Requests per second over a day like any other, by hour; in between, straight lines. */
const DAY = [
  [0, 17_000],
  [2, 13_200],
  [4, 11_900],
  [5.6, 12_000],
  [7.5, 12_900],
  [9, 14_500],
  [12, 17_500],
  [15, 20_500],
  [17.5, 24_000],
  [18.5, 24_300],
  [20, 24_000],
  [22, 21_000],
  [24, 17_000],
] as const

const SURGE_AT_HOURS = 5.75
const SURGE_TAKES_HOURS = 1 / 60
export const SURGE_RPS = 24_600
/** For twenty minutes there was hardly more traffic than on other days at noon. */
const LULL = { fromHours: 6.35, toHours: 6.68, rps: 16_000 } as const

/** When the traffic rose, `now` being the end of the simulated past. */
export function surgeAt(now: number): number {
  return now - (TOLD_AT_HOURS - SURGE_AT_HOURS) * HOUR_MS
}

/** Requests per second that are asked of the service: the day's rhythm, and today from a quarter to six on twice as much. */
export function offeredRps(at: number, now: number): number {
  const hours = TOLD_AT_HOURS + (at - now) / HOUR_MS
  const usual = usualRps(hours)
  if (hours < SURGE_AT_HOURS) return usual
  if (hours >= LULL.fromHours && hours < LULL.toHours) return LULL.rps
  const risen = Math.min(1, (hours - SURGE_AT_HOURS) / SURGE_TAKES_HOURS)
  return usual + (Math.max(usual, SURGE_RPS) - usual) * risen
}

/** The same stretch a week ago, with as much ahead as somebody may look on. */
export function lastWeek(now: number): { readonly from: number; readonly to: number } {
  return { from: now - 7 * DAY_MS - HOUR_MS, to: now - 7 * DAY_MS + 4 * HOUR_MS }
}

function usualRps(hours: number): number {
  const hour = ((hours % 24) + 24) % 24
  const next = DAY.findIndex(([to]) => to > hour)
  const [from, low] = DAY[next - 1] ?? DAY[0]
  const [to, high] = DAY[next] ?? DAY[0]
  return low + ((high - low) * (hour - from)) / (to - from)
}
