import type { Random } from '../random.ts'

const HOUR_MS = 3_600_000
/** Two deploys within a minute would be one step to whoever looks once a minute. */
const CLOSEST_MS = 70_000

/** When the past happened, relative to its end. Deploys are in order; starts name the number of deploys before them. */
export interface History {
  readonly deploysAt: readonly number[]
  readonly starts: readonly { readonly pod: string; readonly at: number }[]
}

/** Deploys of the incident itself, and the stretch in which they happened. */
export const INCIDENT_DEPLOYS = 47
export const INCIDENT_HOURS = 3.7

/**
 * The past of the incident. The fullest pod was started anew 3.74 h ago without anybody noticing; the stretch before had climbed to 29 GB.
 * From 6 h ago (17.4 GB) to now (31.2 GB) that makes 2.3 GB/h, as the alert says, although the pod has gained 6.3 GB/h ever since its start.
 */
export function planHistory(pods: readonly [string, string, string, string], now: number, random: Random): History {
  const stretch = (count: number, fromHours: number, toHours: number) =>
    spread(count, now - fromHours * HOUR_MS, now - toHours * HOUR_MS, random)
  const deploysAt = [
    ...stretch(40, 12, 7.85),
    ...stretch(19, 7.75, 6.02),
    ...stretch(24, 5.93, 3.8),
    ...stretch(INCIDENT_DEPLOYS, INCIDENT_HOURS, 0.07),
  ]
  const before = (deploy: number): number => (deploysAt[deploy] ?? now) - CLOSEST_MS / 2
  const [least, less, more, fullest] = pods
  const starts = [
    ...[20, 60, 101].map((deploy) => ({ pod: least, at: before(deploy) })),
    ...[12, 54, 96].map((deploy) => ({ pod: less, at: before(deploy) })),
    ...[5, 45, 90].map((deploy) => ({ pod: more, at: before(deploy) })),
    { pod: fullest, at: now - 7.8 * HOUR_MS },
    { pod: fullest, at: now - 3.74 * HOUR_MS },
  ]
  return { deploysAt, starts: starts.map(({ pod, at }) => ({ pod, at: Math.round(at) })).sort((a, b) => a.at - b.at) }
}

/** So many moments from `from` to `to`, the first and the last of them exactly there, at irregular distances as people deploy. */
function spread(count: number, from: number, to: number, random: Random): readonly number[] {
  const gaps = Array.from({ length: count - 1 }, () => -Math.log(random.between(0.02, 1)))
  const free = to - from - CLOSEST_MS * gaps.length
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  let at = from
  return [from, ...gaps.map((gap) => (at += CLOSEST_MS + (free * gap) / total))].map(Math.round)
}
