import { median } from './memory/numbers.ts'
import { smoothed } from './points.ts'

/** How the service was used and how much of that failed at one moment. */
export interface TrafficMoment {
  readonly at: number
  readonly requestsPerSecond: number
  /** Errors per request, 0 to 1. */
  readonly errorShare: number
}

export type Surge = 'rps_up_50pct' | 'rps_up_20pct' | 'rps_flat_or_down'

/** Traffic now as a multiple of what it was. */
export function surgeOf(factor: number): Surge {
  if (factor >= 1.5) return 'rps_up_50pct'
  return factor >= 1.2 ? 'rps_up_20pct' : 'rps_flat_or_down'
}

/** From this share of errors on, the service is failing. */
export const FAILING_FROM = 0.05
/** Loads within this share of each other are the same load. */
const SAME_LOAD = 0.1
/** A comparison with less than this rests on a coincidence. */
const LEAST_MOMENTS = 5
/** As many of the last moments are "now" where nothing fails. */
const NOW_MOMENTS = 5

export interface Hysteresis {
  readonly signal: 'same_rps_now_fails' | 'same_rps_still_fine' | 'same_rps_failed_before'
  /** The load at which before and now are compared. */
  readonly requestsPerSecond: number
  /** Moment of the outage, or now, that is compared with what was before it. */
  readonly at: number
  readonly errorShare: number
  readonly errorShareBefore: number
  /** When the failing began; undefined where nothing fails. */
  readonly onset: number | undefined
}

/**
 * Whether the service fails today under a load that it carried before: the mark of a failure that feeds itself and stays after its
 * trigger has gone (Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021), and not of mere lack of capacity.
 *
 * Compares errors at the same requests per second ±10 % before the onset and since. Where traffic now is higher than anything seen
 * before, the latest moment of the outage at which it was not is compared instead. Undefined where no load occurred on both sides.
 * `moments` ascend in time and end now.
 */
export function hysteresis(moments: readonly TrafficMoment[]): Hysteresis | undefined {
  const failing = smoothed(moments.map((one) => one.errorShare >= FAILING_FROM))
  const onset = onsetOf(failing)
  const failsNow = onset < moments.length
  const since = failsNow ? moments.slice(onset) : moments.slice(-NOW_MOMENTS)
  const before = failsNow ? moments.slice(0, onset) : moments.slice(0, -NOW_MOMENTS)
  for (const moment of since.toReversed()) {
    const alike = before.filter((one) => isSameLoad(one, moment))
    if (alike.length < LEAST_MOMENTS) continue
    const errorShareBefore = typicalErrors(alike)
    return {
      signal: signalOf(failsNow, errorShareBefore),
      requestsPerSecond: moment.requestsPerSecond,
      at: moment.at,
      errorShare: typicalErrors(since.filter((one) => isSameLoad(one, moment))),
      errorShareBefore,
      onset: moments[onset]?.at,
    }
  }
  return undefined
}

function typicalErrors(moments: readonly TrafficMoment[]): number {
  return median(moments.map((one) => one.errorShare))
}

function signalOf(failsNow: boolean, errorShareBefore: number): Hysteresis['signal'] {
  if (!failsNow) return 'same_rps_still_fine'
  return errorShareBefore >= FAILING_FROM ? 'same_rps_failed_before' : 'same_rps_now_fails'
}

/** Index at which the stretch of failing that lasts until now began; the length where nothing fails now. */
function onsetOf(failing: readonly boolean[]): number {
  let onset = failing.length
  while (onset > 0 && failing[onset - 1] === true) onset -= 1
  return onset
}

function isSameLoad(one: TrafficMoment, other: TrafficMoment): boolean {
  if (other.requestsPerSecond <= 0) return false
  return Math.abs(one.requestsPerSecond / other.requestsPerSecond - 1) <= SAME_LOAD
}
