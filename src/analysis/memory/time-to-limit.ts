import type { Buckets } from './buckets.ts'
import { driverOf, type Growth } from './growth.ts'
import { at, median } from './numbers.ts'
import type { Observations } from './observations.ts'
import type { Fit } from './posterior.ts'
import type { Regressors } from './regressors.ts'
import type { Interval } from './types.ts'

/** Forecasts further away than this say nothing. */
export const HORIZON_HOURS = 14 * 24
/** 80 % of a normal distribution lie within this many standard deviations. */
const EIGHTY_PERCENT = 1.2816
/** Rates change: this much of any forecast's logarithm is uncertain however well the rate is known. */
const RATE_DRIFT = 0.25

export interface Forecast {
  /** Percent of the limit, now. */
  readonly level: number
  /** Infinity where nothing grows. */
  readonly hours: number
  readonly interval: Interval
}

/** When the limit is reached if the growth goes on: (limit − level) / rate, with the log-normal interval of the rate. */
export function forecast(
  fit: Fit,
  growth: Growth,
  observed: Observations,
  buckets: Buckets,
  regressors: Regressors,
): Forecast {
  const level = levelNow(fit, growth, observed, buckets, regressors)
  const headroom = Math.max(0, 100 - level)
  const hours = growth.percentPerHour > 0 ? headroom / growth.percentPerHour : Number.POSITIVE_INFINITY
  const relative = growth.perUnitError / growth.perUnit
  const arrivals =
    fit.model.driver === 'deploys' ? 1 / Math.max(1, growth.units) + 1 / Math.max(1, headroom / growth.perUnit) : 0
  const spread = EIGHTY_PERCENT * Math.sqrt(relative ** 2 + RATE_DRIFT ** 2 + arrivals)
  return { level, hours, interval: { low: hours * Math.exp(-spread), high: hours * Math.exp(spread) } }
}

/** Each late observation carried forward to now; with a collector, at the top of its cycle, where the limit is met. */
function levelNow(fit: Fit, growth: Growth, observed: Observations, buckets: Buckets, { phase }: Regressors): number {
  const driver = driverOf(fit)
  const current = observed.segment[observed.count - 1] ?? 0
  const end = driverNow(fit, buckets, observed)
  const rise = phase ? (fit.coefficients[fit.model.regressors.indexOf(phase)] ?? 0) : 0
  const late: number[] = []
  for (let i = Math.max(0, observed.count - (phase ? 7 : 5)); i < observed.count; i++) {
    if (observed.segment[i] !== current) continue
    const ahead = growth.perUnit * Math.max(0, end - at(driver.values, i) * driver.range)
    late.push(at(observed.level, i) + ahead + rise * (1 - (phase ? at(phase.values, i) * 1 : 0)))
  }
  return median(late)
}

/** Where the driver stands at the last sample, in its own unit. */
function driverNow(fit: Fit, buckets: Buckets, observed: Observations): number {
  const driver = driverOf(fit)
  const latest = at(driver.values, observed.count - 1) * driver.range
  const bucket = observed.bucket[observed.count - 1] ?? 0
  if (fit.model.driver === 'time') return latest + buckets.now.hours - at(buckets.hours, bucket)
  if (fit.model.driver === 'requests')
    return latest + buckets.now.requests - (buckets.requests ? at(buckets.requests, bucket) : 0)
  const evictions = fit.model.regressors.length > 1 && buckets.evictions && at(buckets.evictions, bucket) === latest
  return evictions ? buckets.now.evictions : Math.max(latest, buckets.now.deploys)
}
