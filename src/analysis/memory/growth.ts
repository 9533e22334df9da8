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
  /** Units that passed within the observed segments, and the hours that this took. */
  readonly units: number
  readonly hours: number
  readonly percentPerHour: number
}

/** Rate of a leak model: what one unit of its driver retains, times how often a unit came. */
export function growthOf(fit: Fit, observed: Observations, buckets: Buckets): Growth {
  const driver = driverOf(fit)
  const perUnit = (fit.coefficients[fit.coefficients.length - 1] ?? 0) / driver.range
  let units = 0
  let hours = 0
  for (let i = 1; i < observed.count; i++) {
    if (observed.gap[i] === 0) continue
    units += (at(driver.values, i) - at(driver.values, i - 1)) * driver.range
    hours += at(buckets.hours, observed.bucket[i] ?? 0) - at(buckets.hours, observed.bucket[i - 1] ?? 0)
  }
  const error = fit.standardError / driver.range
  const steps = fit.model.driver === 'deploys' ? stepVariance(fit, observed) / Math.max(1, units) : 0
  return {
    perUnit,
    perUnitError: Math.sqrt(error ** 2 + steps),
    units,
    hours,
    percentPerHour: fit.model.driver === 'time' ? perUnit : hours > 0 ? (perUnit * units) / hours : 0,
  }
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
export function stepVariance(fit: Fit, observed: Observations): number {
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
