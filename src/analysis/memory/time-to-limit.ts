import type { Buckets } from './buckets.ts'
import { type ExpectedRise, expectedRise } from './expected-rise.ts'
import { driverOf, type Growth } from './growth.ts'
import { at, median } from './numbers.ts'
import type { Observations } from './observations.ts'
import { coefficientOf, type Fit } from './posterior.ts'
import type { Regressors } from './regressors.ts'
import type { Interval } from './types.ts'

/** Forecasts further away than this say nothing. */
export const HORIZON_HOURS = 14 * 24
/** 80 % of a normal distribution lie within this many standard deviations. */
const EIGHTY_PERCENT = 1.2816
/** How uncertain the logarithm of any forecast is, however well the rate is known: rates change. */
const RATE_DRIFT = 0.18
/** The same on top for growth that comes with deploys or requests, whose rhythm over the day is hardly known. */
const RHYTHM_DRIFT = 0.3
/** And for what traffic may do to the level meanwhile, as a share of the headroom that its whole range would take. */
const TRAFFIC_DRIFT = 0.3
/** Headroom (percent of the limit) below which that share would be meaningless. */
const LEAST_HEADROOM = 5
/** An interval of more than twenty times either way says no more than one of twenty. */
const WIDEST_SPREAD = 3
const STEP_HOURS = 0.25
/** So many late observations say where the level is now; more with a collector, whose cycle has to average out. */
const LATE_OBSERVATIONS = { plain: 7, collector: 9 } as const

export interface Forecast {
  /** Percent of the limit, now; with a collector at the top of its cycle, where the limit is met. */
  readonly level: number
  /** Infinity where the limit is not reached within the horizon. */
  readonly hours: number
  readonly interval: Interval
}

/**
 * When the limit is reached if growth and traffic go on as the model says, with a log-normal 80 % interval. `startedAt` is the level of a
 * process that has only just started: what was observed before says how memory grows, not where it is.
 */
export function forecast(
  fit: Fit,
  growth: Growth,
  observed: Observations,
  buckets: Buckets,
  regressors: Regressors,
  startedAt?: number,
): Forecast {
  const level = startedAt ?? levelNow(fit, growth, observed, buckets, regressors)
  const headroom = Math.max(0, 100 - level)
  const hours = hoursUntil(headroom, expectedRise(fit, growth, buckets, regressors), growth.percentPerHour)
  const spread = Math.min(WIDEST_SPREAD, EIGHTY_PERCENT * Math.sqrt(logVariance(fit, growth, headroom, regressors)))
  return { level, hours, interval: { low: hours * Math.exp(-spread), high: hours * Math.exp(spread) } }
}

/** Variance of the logarithm of the time left; deploys arrive at random, so their past and their future number vary as Poisson counts. */
function logVariance(fit: Fit, growth: Growth, headroom: number, { traffic }: Regressors): number {
  const { driver } = fit.model
  const rate = (growth.perUnitError / growth.perUnit) ** 2 + RATE_DRIFT ** 2
  const rhythm = driver === 'time' ? 0 : RHYTHM_DRIFT ** 2
  const arrivals =
    driver === 'deploys' ? 1 / Math.max(1, growth.paceUnits) + 1 / Math.max(1, headroom / growth.perUnit) : 0
  const swing = (TRAFFIC_DRIFT * coefficientOf(fit, traffic)) / Math.max(LEAST_HEADROOM, headroom)
  return rate + rhythm + arrivals + swing ** 2
}

function hoursUntil(headroom: number, rise: ExpectedRise | undefined, percentPerHour: number): number {
  if (!rise) return percentPerHour > 0 ? headroom / percentPerHour : Number.POSITIVE_INFINITY
  let before = 0
  for (let hours = STEP_HOURS; hours <= HORIZON_HOURS; hours += STEP_HOURS) {
    const after = rise(hours)
    if (after >= headroom)
      return Math.max(0, hours - (STEP_HOURS * (after - headroom)) / Math.max(after - before, 1e-9))
    before = after
  }
  return Number.POSITIVE_INFINITY
}

/** The median of the late observations, each carried forward to now. */
function levelNow(fit: Fit, growth: Growth, observed: Observations, buckets: Buckets, { phase }: Regressors): number {
  const driver = driverOf(fit)
  const current = observed.segment[observed.count - 1] ?? 0
  const end = driverNow(fit, buckets, observed)
  const sawtooth = coefficientOf(fit, phase)
  const late: number[] = []
  const many = phase ? LATE_OBSERVATIONS.collector : LATE_OBSERVATIONS.plain
  for (let i = Math.max(0, observed.count - many); i < observed.count; i++) {
    if (observed.segment[i] !== current) continue
    const grown = growth.perUnit * Math.max(0, end - at(driver.values, i) * driver.range)
    late.push(at(observed.level, i) + grown + (phase ? sawtooth * (1 - at(phase.values, i)) : 0))
  }
  return median(late)
}

/** Where the driver stands at the last sample, in its own unit. */
function driverNow(fit: Fit, buckets: Buckets, observed: Observations): number {
  const latest = at(driverOf(fit).values, observed.count - 1) * driverOf(fit).range
  const bucket = observed.bucket[observed.count - 1] ?? 0
  const since = (counter: Float64Array | undefined, now: number) => (counter ? now - at(counter, bucket) : 0)
  if (fit.model.driver === 'time') return latest + buckets.now.hours - at(buckets.hours, bucket)
  if (fit.model.driver === 'requests') return latest + since(buckets.requests, buckets.now.requests)
  return latest + since(buckets.deploys, buckets.now.deploys)
}
