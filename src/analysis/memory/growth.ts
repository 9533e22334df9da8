import type { Buckets } from './buckets.ts'
import { at } from './numbers.ts'
import type { Observations } from './observations.ts'
import type { Fit } from './posterior.ts'
import type { Regressor } from './regressors.ts'

/** What one leak model says in plain units. */
export interface Growth {
  /** Percent of the limit per hour, deploy or request. */
  readonly perUnit: number
  readonly perUnitError: number
  /** Units that passed within the observed segments. */
  readonly units: number
  /** Units from which their pace is taken. */
  readonly paceUnits: number
  /** At that pace, that of late where it rose. */
  readonly percentPerHour: number
}

/** Standard errors by which the pace of late must exceed the pace before to replace that of the whole window. */
const PACE_CHANGED = 4

/** Rate of a leak model: what one unit of its driver retains, times how often one comes. */
export function growthOf(fit: Fit, observed: Observations, buckets: Buckets): Growth {
  const driver = driverOf(fit)
  const perUnit = (fit.coefficients[fit.coefficients.length - 1] ?? 0) / driver.range
  const all = passed(driver, observed, buckets, 0)
  const recent = pace(comingUnits(fit, driver, observed, buckets), observed, buckets)
  const error = fit.standardError / driver.range
  const steps = fit.model.driver === 'deploys' ? stepVariance(fit, observed) / Math.max(1, all.units) : 0
  return {
    perUnit,
    perUnitError: Math.sqrt(error ** 2 + steps),
    units: all.units,
    paceUnits: recent.units,
    percentPerHour: fit.model.driver === 'time' ? perUnit : (perUnit * recent.units) / recent.hours,
  }
}

/** What comes next: a process that leaks by evictions has a full cache, so from now on every deploy evicts. Deploys that only filled it count for the pace, too. */
function comingUnits(fit: Fit, driver: Regressor, observed: Observations, buckets: Buckets): Regressor {
  const { deploys } = buckets
  if (fit.model.driver !== 'deploys' || deploys === undefined) return driver
  return { ...driver, range: 1, values: Float64Array.from(observed.bucket, (bucket) => at(deploys, bucket)) }
}

interface Passed {
  readonly units: number
  readonly hours: number
}

/**
 * The whole window, or its late part (the current segment, at most the last third without a restart) where units came clearly
 * more often than before: the difference of two Poisson rates in its standard errors. A pause promises nothing, so a slower pace does not count.
 */
function pace(driver: Regressor, observed: Observations, buckets: Buckets): Passed {
  const all = passed(driver, observed, buckets, 0)
  const begin = observed.segment.indexOf(observed.segment[observed.count - 1] ?? 0)
  const late = passed(driver, observed, buckets, begin > 0 ? begin : Math.floor((observed.count * 2) / 3))
  const before = { units: all.units - late.units, hours: all.hours - late.hours }
  if (late.hours <= 0 || before.hours <= 0) return all
  const difference = late.units / late.hours - before.units / before.hours
  const error = Math.sqrt(late.units / late.hours ** 2 + before.units / before.hours ** 2)
  return difference > PACE_CHANGED * error ? late : all
}

/** Units of the driver and hours that passed within segments since observation `from`. */
function passed({ values, range }: Regressor, observed: Observations, buckets: Buckets, from: number): Passed {
  let units = 0
  let hours = 0
  for (let i = from + 1; i < observed.count; i++) {
    if (observed.gap[i] === 0) continue
    units += (at(values, i) - at(values, i - 1)) * range
    hours += at(buckets.hours, observed.bucket[i] ?? 0) - at(buckets.hours, observed.bucket[i - 1] ?? 0)
  }
  return { units, hours }
}

/** The regressor that drives a leak. */
export function driverOf(fit: Fit): Regressor {
  const driver = fit.model.regressors[fit.model.regressors.length - 1]
  if (!driver) throw new Error('A leak model has no driver.')
  return driver
}

/**
 * How much single deploys differ from each other (percent², one deploy). Differences u between neighbouring observations with d deploys between
 * them have E[u²] = v₀ + s²·d, where v₀ comes from the differences without a deploy; s² is the least-squares slope through v₀.
 */
function stepVariance(fit: Fit, observed: Observations): number {
  const driver = driverOf(fit)
  const squares: { readonly square: number; readonly deploys: number }[] = []
  for (let i = 1; i < observed.count; i++) {
    if (observed.gap[i] === 0) continue
    let rest = at(observed.level, i) - at(observed.level, i - 1)
    fit.model.regressors.forEach(({ values }, r) => {
      rest -= (fit.coefficients[r] ?? 0) * (at(values, i) - at(values, i - 1))
    })
    squares.push({ square: rest * rest, deploys: (at(driver.values, i) - at(driver.values, i - 1)) * driver.range })
  }
  const idle = squares.filter(({ deploys }) => deploys < 0.05)
  const idleVariance = idle.length >= 5 ? idle.reduce((sum, { square }) => sum + square, 0) / idle.length : 0
  const product = squares.reduce((sum, { square, deploys }) => sum + (square - idleVariance) * deploys, 0)
  const norm = squares.reduce((sum, { deploys }) => sum + deploys ** 2, 0)
  return norm > 0 ? Math.max(0, product / norm) : 0
}
