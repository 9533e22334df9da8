import type { Observations } from './observations.ts'
import { type Regressor, type Regressors, stepRegressor } from './regressors.ts'
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
  /** How often the driver did what a healthy process would not answer with growth; infinite for what moves all the time. */
  readonly occasions: number
  /** Share of the driver's movement that a healthy process would not keep: deploys that displaced an entry, for example. */
  readonly undueShare: number
  /** Natural logarithm of how likely this is before any data, up to a constant. */
  readonly logPrior: number
}

export interface ModelContext {
  readonly regressors: Regressors
  readonly observed: Observations
  /** Whether any process's start was seen, in the window or by its start time. */
  readonly startSeen: boolean
}

/**
 * Odds before any data. A model is one choice of each kind, so its prior is their product; that keeps leaks and non-leaks
 * comparable, because whether a process warms up has nothing to do with whether it leaks.
 */
const DRIVER_ODDS = { none: 4, time: 3, deploys: 2, requests: 1.5 } as const
/** Where traffic varies, memory usually follows it a little. */
const TRAFFIC_ODDS = { follows: 0.7, ignores: 0.3 } as const
const DAILY_ODDS = { follows: 0.3, ignores: 0.7 } as const
/** Where the cache is still filling, that usually shows. */
const FILLING_ODDS = { shows: 0.6, hidden: 0.4 } as const
const DISTURBANCE_ODDS = { none: 0.6, warmUp: 0.4, step: 0.1, onset: 0.15 } as const
/** A process whose start was not seen is rarely just warming up. */
const UNSEEN_START = 0.05

/** Every explanation that this series could have. */
export function candidateModels(context: ModelContext): readonly Model[] {
  return backgrounds(context.regressors).flatMap((background) =>
    disturbances(background, context).flatMap((disturbance) =>
      fillings(disturbance, context.regressors).flatMap((filling) => growths(filling, context.regressors)),
    ),
  )
}

/** A model before it is decided whether something leaks on top. */
type Draft = Omit<Model, 'driver' | 'undueShare' | 'occasions' | 'logPrior'> & {
  readonly odds: number
  /** How many regressors are background. */
  readonly background: number
  /** Whether only a leak over time may come on top, or nothing, or anything. */
  readonly mayLeak: 'any' | 'onset' | 'no'
  readonly fillingShown: boolean
}

/** What may move the level both ways. */
function backgrounds({ phase, traffic, daily }: Regressors): readonly Draft[] {
  const always = phase ? [phase] : []
  const make = (explanation: MemoryExplanation, regressors: readonly Regressor[], odds: number): Draft => ({
    explanation,
    regressors,
    growsFrom: regressors.length,
    odds,
    background: regressors.length,
    mayLeak: 'any',
    fillingShown: false,
  })
  const quiet = phase ? 'collector' : 'flat'
  if (traffic)
    return [make(quiet, always, TRAFFIC_ODDS.ignores), make('traffic', [...always, traffic], TRAFFIC_ODDS.follows)]
  if (daily.length > 0)
    return [make(quiet, always, DAILY_ODDS.ignores), make('diurnal', [...always, ...daily], DAILY_ODDS.follows)]
  return [make(quiet, always, 1)]
}

/** What happens once: a warm-up, a step of the level, growth that sets in late. */
function disturbances(background: Draft, { regressors, observed, startSeen }: ModelContext): readonly Draft[] {
  const { warmUps, onsets } = regressors
  const warm = DISTURBANCE_ODDS.warmUp * (startSeen ? 1 : UNSEEN_START)
  const total = warmUps.reduce((sum, { odds }) => sum + odds, 0)
  return [
    { ...background, odds: background.odds * DISTURBANCE_ODDS.none },
    ...warmUps.map(({ regressor, odds }) => ({
      ...extended(background, 'warm-up', regressor),
      odds: (background.odds * warm * odds) / total,
    })),
    ...steps(background, observed),
    ...onsets.map((onset) => ({
      ...extended(background, 'leak-over-time', onset),
      mayLeak: 'onset' as const,
      odds: (background.odds * DISTURBANCE_ODDS.onset) / onsets.length,
    })),
  ]
}

function steps(background: Draft, observed: Observations): readonly Draft[] {
  const first = findStep(observed, background.regressors)
  if (first === undefined) return []
  const odds = DISTURBANCE_ODDS.step / observed.count
  const once = extended(background, 'level-shift', stepRegressor(first, observed))
  const shifted = { ...once, growsFrom: once.regressors.length, odds: background.odds * odds }
  const second = findStep(observed, shifted.regressors)
  if (second === undefined || Math.abs(second.from - first.from) <= 3) return [shifted]
  const twice = extended(shifted, 'level-shift', stepRegressor(second, observed))
  return [shifted, { ...twice, growsFrom: twice.regressors.length, odds: shifted.odds * odds, mayLeak: 'no' }]
}

function fillings(base: Draft, { additions }: Regressors): readonly Draft[] {
  if (!additions || base.mayLeak !== 'any') return [base]
  const explanation = base.explanation === 'warm-up' ? base.explanation : 'cache-fill'
  return [
    { ...base, odds: base.odds * FILLING_ODDS.hidden },
    { ...extended(base, explanation, additions), odds: base.odds * FILLING_ODDS.shows, fillingShown: true },
  ]
}

function growths(base: Draft, { time, deploys, evictions, requests }: Regressors): readonly Model[] {
  const healthy = withoutLeak(base)
  if (base.mayLeak === 'no') return [healthy]
  if (base.mayLeak === 'onset')
    return [{ ...healthy, driver: 'time', logPrior: healthy.logPrior + relativeOdds('time') }]
  const models = [healthy, leakModel(base, 'leak-over-time', 'time', time)]
  if (requests) models.push(leakModel(base, 'leak-per-request', 'requests', requests))
  if (base.fillingShown && evictions) {
    models.push({ ...leakModel(base, 'leak-per-deploy', 'deploys', evictions), occasions: evictions.range })
  } else if (!base.fillingShown && deploys) {
    const undueShare = evictions ? evictions.range / deploys.range : 1
    const model = leakModel(base, 'leak-per-deploy', 'deploys', deploys)
    models.push({ ...model, undueShare, occasions: undueShare * deploys.range })
  }
  return models
}

function withoutLeak({ explanation, regressors, growsFrom, odds }: Draft): Model {
  const logPrior = Math.log(odds * DRIVER_ODDS.none)
  return {
    explanation,
    driver: undefined,
    regressors,
    growsFrom,
    undueShare: 1,
    occasions: Number.POSITIVE_INFINITY,
    logPrior,
  }
}

/** In a leaking process everything but the background only adds memory, steps included. */
function leakModel(base: Draft, explanation: MemoryExplanation, driver: GrowthDriver, regressor: Regressor): Model {
  const healthy = withoutLeak(base)
  const logPrior = healthy.logPrior + relativeOdds(driver)
  return { ...extended(healthy, explanation, regressor), growsFrom: base.background, driver, logPrior }
}

function relativeOdds(driver: GrowthDriver): number {
  return Math.log(DRIVER_ODDS[driver] / DRIVER_ODDS.none)
}

function extended<T extends Pick<Model, 'regressors'>>(
  base: T,
  explanation: MemoryExplanation,
  regressor: Regressor,
): T {
  return { ...base, explanation, regressors: [...base.regressors, regressor] }
}
