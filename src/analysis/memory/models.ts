import type { Observations } from './observations.ts'
import { type Regressor, type Regressors, stepAt } from './regressors.ts'
import { findStep } from './steps.ts'
import type { GrowthDriver, MemoryExplanation } from './types.ts'

/** One explanation of the series: a weighted sum of regressors on top of one level per segment. */
export interface Model {
  readonly explanation: MemoryExplanation
  /** Of a leak; its regressor is the last one. */
  readonly driver: GrowthDriver | undefined
  readonly regressors: readonly Regressor[]
  /** Regressors from this one on can only add memory. */
  readonly growsFrom: number
  /** Natural logarithm of how likely this is before any data, up to a constant. */
  readonly logPrior: number
}

/** Prior weight of each explanation as a whole; split among its models. */
const PRIOR = {
  stationary: 4,
  'warm-up': 2,
  'level-shift': 1,
  'cache-fill': 1,
  time: 3,
  deploys: 2,
  requests: 0.7,
} as const

/** A process whose start was not seen is rarely just warming up. */
const UNSEEN_START = 0.05

export interface ModelContext {
  readonly regressors: Regressors
  readonly observed: Observations
  /** Whether any process's start was seen, in the window or by its start time. */
  readonly startSeen: boolean
}

/** Every explanation that this series could have. */
export function candidateModels(context: ModelContext): readonly Model[] {
  const all = backgrounds(context.regressors).flatMap((background) => [
    ...plainModels(background, context),
    ...warmUpModels(background, context),
    ...stepModels(background, context),
    ...onsetModels(background, context),
  ])
  return all.map(({ weight, ...model }) => ({ ...model, logPrior: Math.log(weight) }))
}

type Weighted = Omit<Model, 'logPrior'> & { readonly weight: number }

/** What may move the level without being growth. */
interface Background {
  readonly regressors: readonly Regressor[]
  readonly explanation: MemoryExplanation
  readonly weight: number
}

function backgrounds({ phase, traffic, daily }: Regressors): readonly Background[] {
  const always = phase ? [phase] : []
  const quiet = { regressors: always, explanation: phase ? 'collector' : 'flat', weight: 1 } as const
  if (traffic)
    return [
      { ...quiet, weight: 0.5 },
      { regressors: [...always, traffic], explanation: 'traffic', weight: 0.5 },
    ]
  if (daily.length > 0)
    return [
      { ...quiet, weight: 0.7 },
      { regressors: [...always, ...daily], explanation: 'diurnal', weight: 0.3 },
    ]
  return [quiet]
}

/** The ways to leak on top of `others`, the driver last. */
function leaks(
  background: Background,
  others: readonly Regressor[],
  { time, deploys, additions, evictions, requests }: Regressors,
  share: number,
): Weighted[] {
  const found: Weighted[] = []
  const add = (
    explanation: MemoryExplanation,
    driver: GrowthDriver,
    regressors: readonly (Regressor | undefined)[],
    weight: number,
  ) => {
    const known = [...others, ...regressors].flatMap((regressor) => regressor ?? [])
    found.push({
      explanation,
      driver,
      growsFrom: background.regressors.length,
      regressors: [...background.regressors, ...known],
      weight: weight * background.weight * share,
    })
  }
  const filling = additions ? 0.5 : 1
  add('leak-over-time', 'time', [time], PRIOR.time * filling)
  if (additions) add('leak-over-time', 'time', [additions, time], PRIOR.time * 0.5)
  if (deploys) add('leak-per-deploy', 'deploys', [deploys], PRIOR.deploys * (evictions && additions ? 0.5 : 1))
  if (evictions && additions) add('leak-per-deploy', 'deploys', [additions, evictions], PRIOR.deploys * 0.5)
  if (requests) add('leak-per-request', 'requests', [requests], PRIOR.requests * filling)
  if (requests && additions) add('leak-per-request', 'requests', [additions, requests], PRIOR.requests * 0.5)
  return found
}

function harmless(
  background: Background,
  explanation: MemoryExplanation,
  others: readonly Regressor[],
  weight: number,
): Weighted {
  return {
    explanation,
    driver: undefined,
    growsFrom: background.regressors.length,
    regressors: [...background.regressors, ...others],
    weight: weight * background.weight,
  }
}

function plainModels(background: Background, { regressors }: ModelContext): Weighted[] {
  const models = [
    harmless(background, background.explanation, [], PRIOR.stationary),
    ...leaks(background, [], regressors, 0.5),
  ]
  return regressors.additions
    ? [...models, harmless(background, 'cache-fill', [regressors.additions], PRIOR['cache-fill'])]
    : models
}

function warmUpModels(background: Background, { regressors, startSeen }: ModelContext): Weighted[] {
  const { warmUps, additions } = regressors
  const each = (startSeen ? 1 : UNSEEN_START) / warmUps.length
  return warmUps.flatMap((warmUp) => [
    harmless(background, 'warm-up', [warmUp], (additions ? 0.5 : 1) * PRIOR['warm-up'] * each),
    ...(additions ? [harmless(background, 'warm-up', [warmUp, additions], 0.5 * PRIOR['warm-up'] * each)] : []),
    ...leaks(background, [warmUp], regressors, 0.3 / warmUps.length),
  ])
}

function stepModels(background: Background, { regressors, observed }: ModelContext): Weighted[] {
  const first = findStep(observed, background.regressors)
  if (first === undefined) return []
  const step = stepAt(first, observed)
  const second = findStep(observed, [...background.regressors, step])
  const anywhere = 1 / observed.count
  const two = second === undefined || Math.abs(second - first) <= 3 ? [] : [stepAt(second, observed)]
  const shifted = { ...background, regressors: [...background.regressors, step] }
  return [
    {
      ...harmless(background, 'level-shift', [step], PRIOR['level-shift'] * anywhere),
      growsFrom: shifted.regressors.length,
    },
    ...two.map((next) => ({
      ...harmless(shifted, 'level-shift', [next], PRIOR['level-shift'] * anywhere * anywhere),
      growsFrom: shifted.regressors.length + 1,
    })),
    ...leaks(shifted, [], regressors, 0.1 * anywhere),
  ]
}

function onsetModels(background: Background, { regressors }: ModelContext): Weighted[] {
  const { onsets } = regressors
  return onsets.map((onset) => ({
    explanation: 'leak-over-time',
    driver: 'time',
    growsFrom: background.regressors.length,
    regressors: [...background.regressors, onset],
    weight: (PRIOR.time * 0.2 * background.weight) / onsets.length,
  }))
}
