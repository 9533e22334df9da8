import type { Model } from './models.ts'
import type { WhitenedProducts } from './noise.ts'
import { at, normalCdf } from './numbers.ts'
import { MOST_REGRESSORS, type RidgeSolution, solveRidge } from './ridge.ts'

/** Before any data, an influence moves the level by about this much within the window, percent of the limit. */
const EFFECT_PERCENT = 20
/** Noise below this (percent of the limit) is rounding. */
const LEAST_SIGMA = 0.02
/**
 * Power to which likelihoods are raised. No real series follows its model exactly, and a full likelihood then grows too sure with
 * every sample (Grünwald 2012, The Safe Bayesian). 0.7 gave fewer false alarms for the same hits than 1 did.
 */
const LIKELIHOOD_POWER = 0.7

/** What one model says under one shape of the noise. */
export interface Evidence {
  readonly log: number
  readonly coefficients: readonly number[]
  readonly standardError: number
}

const MATRIX = new Float64Array(MOST_REGRESSORS * MOST_REGRESSORS)
const VECTOR = new Float64Array(MOST_REGRESSORS)
const SOLUTION: RidgeSolution = { coefficients: new Float64Array(MOST_REGRESSORS), lastInverse: 0, logDeterminant: 0 }

/**
 * log p(level | model, shape of the noise) up to a constant, with normal priors of `EFFECT_PERCENT` on effects (Laplace's approximation for the
 * variance, twice iterated). `undefined` where an influence that can only add memory would have to free it.
 */
export function evidenceOf(
  model: Model,
  columns: readonly number[],
  { product, logDeterminant }: WhitenedProducts,
  freedom: number,
): Evidence | undefined {
  const size = columns.length
  columns.forEach((a, i) => {
    VECTOR[i] = product(a, 0)
    for (let j = 0; j <= i; j++) MATRIX[i * MOST_REGRESSORS + j] = product(a, columns[j] ?? 0)
  })
  const least = LEAST_SIGMA ** 2
  let variance = 0
  let lambda = least / EFFECT_PERCENT ** 2
  for (let round = 0; round < 2; round++) {
    if (!solveRidge(MATRIX, VECTOR, size, lambda, SOLUTION)) return undefined
    let left = product(0, 0)
    for (let i = 0; i < size; i++) left -= at(SOLUTION.coefficients, i) * at(VECTOR, i)
    variance = Math.max(left / freedom, least)
    if (round === 0) lambda = variance / EFFECT_PERCENT ** 2
  }
  for (let i = model.growsFrom; i < size; i++) if (!(at(SOLUTION.coefficients, i) > 0)) return undefined
  const standardError = Math.sqrt(variance * SOLUTION.lastInverse)
  const occam = SOLUTION.logDeterminant - size * Math.log(lambda)
  const driver = at(SOLUTION.coefficients, size - 1)
  const onlyGrows = size > model.growsFrom ? Math.log(2 * normalCdf(driver / standardError)) : 0
  const material = model.driver
    ? Math.log(secondMoment(driver * model.undueShare, standardError * model.undueShare))
    : 0
  return {
    log: -0.5 * LIKELIHOOD_POWER * (freedom * Math.log(variance) + logDeterminant + occam) + onlyGrows + material,
    coefficients: Array.from(SOLUTION.coefficients.subarray(0, size)),
    standardError,
  }
}

/**
 * What a moment prior adds to a normal one: E[β²] after the data over E[β²] before. A leak is worth its name only if its growth is not next to
 * nothing, and a prior that vanishes at zero says so (Johnson and Rossell 2010, non-local prior densities).
 */
function secondMoment(percent: number, standardError: number): number {
  return (percent ** 2 + standardError ** 2) / EFFECT_PERCENT ** 2
}
