import type { Model } from './models.ts'
import { type WhitenedProducts, whitenedProducts } from './noise.ts'
import { at, normalCdf } from './numbers.ts'
import type { Observations } from './observations.ts'
import type { Regressor } from './regressors.ts'
import { MOST_REGRESSORS, type RidgeSolution, solveRidge } from './ridge.ts'

/** A model with its likeliest noise and the coefficients that go with it. */
export interface Fit {
  readonly model: Model
  /** Share of all models' posterior probability. */
  readonly weight: number
  /** The same, where n deploys can say no more than n coin tosses that all fell the same way. */
  readonly cautiousWeight: number
  /** Correlation of neighbouring observations' noise. */
  readonly rho: number
  /** Standard deviation of the noise, percent of the limit. */
  readonly sigma: number
  /** Percent of the limit per scaled regressor. */
  readonly coefficients: readonly number[]
  /** Standard error of the last coefficient. */
  readonly standardError: number
}

/** Before any data, an influence moves the level by about this much within the window, percent of the limit. */
const EFFECT_PERCENT = 15
/** Noise below this (percent of the limit) is rounding. */
const LEAST_SIGMA = 0.02
/** Shapes of noise tried: white, and wander of several durations with more or less white noise on top. */
const RHOS = [0.35, 0.6, 0.78, 0.88, 0.94, 0.97]
const WANDERS = [1, 0.6, 0.25]
/**
 * Power to which likelihoods are raised. No real series follows its model exactly, and a full likelihood then grows too sure with
 * every sample (Grünwald 2012, The Safe Bayesian). 0.7 made the stated confidence agree best with how often it was right.
 */
const LIKELIHOOD_POWER = 0.7
/** Noise that stays correlated over more than this share of the window, or for this long, counts as growth. */
const LONGEST_WANDER_HOURS = 1.5

/**
 * Weighs every model by its posterior probability: Bayes factors with a normal prior on effects, a flat prior on levels,
 * Jeffreys' prior on the noise's size and a sum over its correlation (Kass and Raftery 1995, Bayes Factors).
 * Summing over the correlation is what keeps slow wander from passing as growth, and growth from passing as wander.
 */
export function weighModels(models: readonly Model[], observed: Observations, widthHours: number): readonly Fit[] {
  const numbers = new Map<Regressor, number>()
  for (const { regressors } of models)
    for (const regressor of regressors) if (!numbers.has(regressor)) numbers.set(regressor, numbers.size + 1)
  const columns = [observed.level, ...[...numbers.keys()].map(({ values }) => values)]
  const candidates = models.map((model) => ({
    model,
    columns: model.regressors.map((regressor) => numbers.get(regressor) ?? 0),
    best: undefined as Evidence | undefined,
    logs: [] as number[],
  }))
  const longest = Math.exp(-widthHours / LONGEST_WANDER_HOURS)
  const shapes = [
    { rho: 0, wander: 0 },
    ...RHOS.filter((rho) => rho <= longest).flatMap((rho) =>
      WANDERS.filter((w) => w === 1 || rho > 0.7).map((wander) => ({ rho, wander })),
    ),
  ]
  for (const shape of shapes) {
    const products = whitenedProducts(observed, columns, shape)
    for (const candidate of candidates) {
      const found = evidenceOf(candidate.model, candidate.columns, products, observed.count - observed.segments)
      if (!found) continue
      candidate.logs.push(found.log)
      if (!candidate.best || found.log > candidate.best.log) candidate.best = found
    }
  }
  const weighed = candidates.flatMap(({ model, best, logs }) =>
    best ? [{ model, best, log: logSum(logs) + model.logPrior }] : [],
  )
  const harmless = Math.max(...weighed.map(({ model, log }) => (model.driver ? Number.NEGATIVE_INFINITY : log)))
  const cautious = weighed.map(({ model, log }) => Math.min(log, harmless + model.occasions * Math.LN2))
  const total = logSum(weighed.map(({ log }) => log))
  const cautiousTotal = logSum(cautious)
  return weighed
    .map(({ model, best, log }, i) => ({
      model,
      weight: Math.exp(log - total),
      cautiousWeight: Math.exp((cautious[i] ?? log) - cautiousTotal),
      rho: best.rho,
      sigma: best.sigma,
      coefficients: best.coefficients,
      standardError: best.standardError,
    }))
    .sort((a, b) => b.weight - a.weight)
}

/** log Σ e^x without overflow. */
function logSum(logs: readonly number[]): number {
  const highest = Math.max(...logs)
  return highest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - highest), 0))
}

interface Evidence {
  readonly log: number
  readonly rho: number
  readonly sigma: number
  readonly coefficients: readonly number[]
  readonly standardError: number
}

const MATRIX = new Float64Array(MOST_REGRESSORS * MOST_REGRESSORS)
const VECTOR = new Float64Array(MOST_REGRESSORS)
const SOLUTION: RidgeSolution = { coefficients: new Float64Array(MOST_REGRESSORS), lastInverse: 0, logDeterminant: 0 }

/** log p(level | model, ρ); undefined where an influence that can only add memory would have to free it. */
function evidenceOf(
  model: Model,
  columns: readonly number[],
  { shape: { rho }, product, logDeterminant }: WhitenedProducts,
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
  const onlyGrows =
    size > model.growsFrom ? Math.log(2 * normalCdf(at(SOLUTION.coefficients, size - 1) / standardError)) : 0
  const undue = EFFECT_PERCENT / model.undueShare
  const material = model.driver
    ? Math.log((at(SOLUTION.coefficients, size - 1) ** 2 + standardError ** 2) / undue ** 2)
    : 0
  return {
    log: -0.5 * LIKELIHOOD_POWER * (freedom * Math.log(variance) + logDeterminant + occam) + onlyGrows + material,
    rho,
    sigma: Math.sqrt(variance),
    coefficients: Array.from(SOLUTION.coefficients.subarray(0, size)),
    standardError,
  }
}
