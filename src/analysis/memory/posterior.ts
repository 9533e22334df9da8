import { type Evidence, evidenceOf } from './evidence.ts'
import type { Model } from './models.ts'
import { whitening } from './noise.ts'
import { noiseShapes } from './noise-shapes.ts'
import type { Observations } from './observations.ts'
import type { Regressor } from './regressors.ts'

/** A model with its likeliest noise and the coefficients that go with it. */
export interface Fit {
  readonly model: Model
  /** Share of all models' posterior probability. */
  readonly weight: number
  /** The same, where n deploys can say no more than n coin tosses that all fell the same way. */
  readonly cautiousWeight: number
  /** Percent of the limit per scaled regressor. */
  readonly coefficients: readonly number[]
  /** Standard error of the last coefficient. */
  readonly standardError: number
}

/** What the whole range of a regressor adds, percent of the limit; 0 where the model does not use it. */
export function coefficientOf(fit: Fit, regressor: Regressor | undefined): number {
  return regressor ? (fit.coefficients[fit.model.regressors.indexOf(regressor)] ?? 0) : 0
}

/** After the first shapes of noise, models this far (in log posterior) behind the best of their kind are not looked at again. */
const HOPELESS = 9

/**
 * Weighs every model by its posterior probability: Bayes factors with a normal prior on effects, a flat prior on levels,
 * Jeffreys' prior on the noise's size and a sum over its shape (Kass and Raftery 1995, Bayes Factors).
 * Summing over the shape is what keeps slow wander from passing as growth, and growth from passing as wander. Best first.
 */
export function weighModels(models: readonly Model[], observed: Observations, widthHours: number): readonly Fit[] {
  const { columns, numbersOf } = numbered(models, observed)
  const all: readonly Candidate[] = models.map((model) => ({ model, columns: numbersOf(model), found: [] }))
  const freedom = observed.count - observed.segments
  const shapes = noiseShapes(widthHours)
  const productsFor = whitening(observed, columns)
  let hopeful = all
  for (const stage of [shapes.first, shapes.rest]) {
    for (const shape of stage) {
      const products = productsFor(shape)
      for (const candidate of hopeful) {
        const evidence = evidenceOf(candidate.model, candidate.columns, products, freedom)
        if (evidence) candidate.found.push(evidence)
      }
    }
    hopeful = closeToBest(hopeful)
  }
  return posterior(all)
}

interface Candidate {
  readonly model: Model
  readonly columns: readonly number[]
  readonly found: Evidence[]
}

/** Column 0 is the level; every regressor has one of the next. */
function numbered(models: readonly Model[], observed: Observations) {
  const numbers = new Map<Regressor, number>()
  for (const { regressors } of models) {
    for (const regressor of regressors) if (!numbers.has(regressor)) numbers.set(regressor, numbers.size + 1)
  }
  return {
    columns: [observed.level, ...[...numbers.keys()].map(({ values }) => values)],
    numbersOf: ({ regressors }: Model) => regressors.map((regressor) => numbers.get(regressor) ?? 0),
  }
}

/** Leaks and non-leaks each compete among themselves, so that the best of both is always known well. */
function closeToBest(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = { leak: Number.NEGATIVE_INFINITY, harmless: Number.NEGATIVE_INFINITY }
  const kind = ({ model }: Candidate) => (model.driver ? 'leak' : 'harmless')
  for (const one of candidates) best[kind(one)] = Math.max(best[kind(one)], logPosterior(one))
  return candidates.filter((one) => logPosterior(one) > best[kind(one)] - HOPELESS)
}

function logPosterior({ model, found }: Candidate): number {
  return logSum(found.map(({ log }) => log)) + model.logPrior
}

function posterior(candidates: readonly Candidate[]): readonly Fit[] {
  const weighed = candidates.flatMap((candidate) => {
    const best = candidate.found.reduce((a: Evidence | undefined, b) => (a && a.log >= b.log ? a : b), undefined)
    return best ? [{ model: candidate.model, best, log: logPosterior(candidate) }] : []
  })
  const harmless = highest(weighed.map(({ model, log }) => (model.driver ? Number.NEGATIVE_INFINITY : log)))
  const cautious = weighed.map(({ model, log }) => Math.min(log, harmless + model.occasions * Math.LN2))
  const total = logSum(weighed.map(({ log }) => log))
  const cautiousTotal = logSum(cautious)
  return weighed
    .map(({ model, best, log }, i) => ({
      model,
      coefficients: best.coefficients,
      standardError: best.standardError,
      weight: Math.exp(log - total),
      cautiousWeight: Math.exp((cautious[i] ?? log) - cautiousTotal),
    }))
    .sort((a, b) => b.weight - a.weight)
}

/** log Σ e^x without overflow; −∞ of nothing. */
function logSum(logs: readonly number[]): number {
  const most = highest(logs)
  if (most === Number.NEGATIVE_INFINITY) return most
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0))
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
}
