import { type Buckets, toBuckets } from './buckets.ts'
import { findCollector, withoutCollections } from './collector.ts'
import { CONFIRMED_FROM, LOWEST_CONFIDENCE, leakConfidence, SUSPECTED_FROM } from './confidence.ts'
import { type Growth, growthOf } from './growth.ts'
import { candidateModels } from './models.ts'
import { median } from './numbers.ts'
import { type Observations, toObservations } from './observations.ts'
import { type Fit, weighModels } from './posterior.ts'
import { type Regressors, toRegressors } from './regressors.ts'
import { findRestarts, type Restart } from './restarts.ts'
import { readSamples, type Samples } from './samples.ts'
import { currentDeploys, describeRestarts, describeSegments, wholeWindowPercentPerHour } from './segments.ts'
import { type Forecast, forecast, HORIZON_HOURS } from './time-to-limit.ts'
import type { GrowthDriver, MemoryExplanation, MemoryVerdict, SeriesLike } from './types.ts'

const FEWEST_OBSERVATIONS = 12
/** Evidence of two drivers within this ratio (BIC difference 2, Kass and Raftery 1995) does not tell them apart. */
const SEPARATES = Math.E
/** So many say where the level is now. */
const LATE_SAMPLES = 5
/** A process with fewer samples is too young for a slice of its own; its level is taken as it stands. */
const YOUNG_SAMPLES = 15

/**
 * Says whether a memory series leaks, what drives the leak, how sure that is, and how long the limit is away.
 * Pure and deterministic; never throws on data. Method: split at restarts, take medians per slice of time, weigh leak models against
 * everything that only looks like a leak (warm-up, traffic, daily rhythm, collector, level shift, filling cache).
 */
export function analyzeMemory(series: SeriesLike): MemoryVerdict {
  const samples = readSamples(series)
  const { restarts, buckets, observed } = prepare(samples)
  const facts = describe(samples, restarts)
  if (observed.count < FEWEST_OBSERVATIONS || !samples.limited)
    return { ...facts, verdict: 'insufficient', explanation: 'insufficient' }
  const regressors = toRegressors(buckets, observed)
  const fits = weighModels(
    candidateModels({ regressors, observed, startSeen: samples.processStartAt !== undefined || restarts.length > 0 }),
    observed,
    buckets.widthHours,
  )
  const weights = weightsOf(fits)
  const judged: MemoryVerdict = { ...facts, verdict: 'none', explanation: harmlessExplanation(fits), weights }
  const drivers = rankDrivers(fits)
  const leak = fits.find(({ model }) => model.driver && model.driver === drivers[0]?.driver)
  if (!leak) return judged
  const separated = (drivers[0]?.weight ?? 0) > (drivers[1]?.weight ?? 0) * SEPARATES
  const young = samples.count - (restarts.at(-1)?.index ?? 0) < YOUNG_SAMPLES
  const startedAt = young ? levelNow(samples, restarts) : undefined
  return judgeLeak(judged, leak, separated, fits, { samples, buckets, observed, regressors, startedAt })
}

function prepare(samples: Samples) {
  let restarts = findRestarts(samples)
  const certain = restarts.filter(({ source }) => source !== 'level')
  let collector = findCollector(samples, new Set(certain.map(({ index }) => index)))
  if (collector) restarts = withoutCollections(restarts, collector, samples.level)
  if (collector && restarts.length >= 0.6 * collector.drops.length) collector = undefined
  const buckets = toBuckets(samples, restarts, collector)
  return { restarts, buckets, observed: toObservations(buckets) }
}

/** What needs no model. */
function describe(samples: Samples, restarts: readonly Restart[]) {
  const bytes = samples.limitBytes / 100
  const level = levelNow(samples, restarts)
  const segments = describeSegments(samples, restarts)
  const deploys = currentDeploys(segments)
  return {
    ...(deploys === undefined ? {} : { deploys }),
    confidence: LOWEST_CONFIDENCE,
    driver: undefined,
    likeliestDriver: undefined,
    weights: [],
    levelBytes: level * bytes,
    share: samples.limited ? level / 100 : 0,
    bytesPerHour: 0,
    wholeWindowBytesPerHour: wholeWindowPercentPerHour(samples) * bytes,
    restarts: describeRestarts(samples, restarts),
    segments,
  } satisfies Partial<MemoryVerdict>
}

/** Robust against a spike, and never of a process that is gone: right after a restart even a single sample counts. */
function levelNow(samples: Samples, restarts: readonly Restart[]): number {
  const since = Math.max(samples.count - LATE_SAMPLES, restarts.at(-1)?.index ?? 0)
  return samples.count > 0 ? median(samples.level.subarray(since)) : 0
}

/** The best explanation without a leak. */
function harmlessExplanation(fits: readonly Fit[]): MemoryExplanation {
  return weightsOf(fits.filter(({ model }) => !model.driver))[0]?.explanation ?? 'flat'
}

function weightsOf(fits: readonly Fit[]): MemoryVerdict['weights'] {
  const sums = new Map<MemoryExplanation, number>()
  for (const { model, weight } of fits) sums.set(model.explanation, (sums.get(model.explanation) ?? 0) + weight)
  return [...sums].map(([explanation, weight]) => ({ explanation, weight })).sort((a, b) => b.weight - a.weight)
}

interface Context {
  readonly samples: Samples
  readonly buckets: Buckets
  readonly observed: Observations
  readonly regressors: Regressors
  /** Level of a process that has only just started, percent of the limit. */
  readonly startedAt: number | undefined
}

function judgeLeak(
  judged: MemoryVerdict,
  leak: Fit,
  separated: boolean,
  fits: readonly Fit[],
  { samples, buckets, observed, regressors, startedAt }: Context,
): MemoryVerdict {
  const growth = growthOf(leak, observed, buckets)
  const ahead = forecast(leak, growth, observed, buckets, regressors, startedAt)
  const confidence = leakConfidence(fits, ahead.hours)
  const verdict = confidence >= CONFIRMED_FROM ? 'confirmed' : confidence >= SUSPECTED_FROM ? 'suspected' : 'none'
  if (verdict === 'none') return { ...judged, confidence }
  return {
    ...judged,
    verdict,
    confidence,
    ...inBytes(leak, growth, ahead, samples),
    explanation: verdict === 'confirmed' ? leak.model.explanation : (judged.weights[0]?.explanation ?? 'flat'),
    likeliestDriver: leak.model.driver,
    driver: separated ? leak.model.driver : 'cannot-separate',
  }
}

/** Drivers of a leak by their evidence, the strongest first. */
function rankDrivers(fits: readonly Fit[]): readonly { readonly driver: GrowthDriver; readonly weight: number }[] {
  const sums = new Map<GrowthDriver, number>()
  for (const { model, weight } of fits) if (model.driver) sums.set(model.driver, (sums.get(model.driver) ?? 0) + weight)
  return [...sums].map(([driver, weight]) => ({ driver, weight })).sort((a, b) => b.weight - a.weight)
}

function inBytes(leak: Fit, growth: Growth, ahead: Forecast, { limitBytes, deploys }: Samples) {
  const bytes = limitBytes / 100
  const within = ahead.hours <= HORIZON_HOURS
  const reach =
    student95(leak.model.driver === 'deploys' ? growth.units : Number.POSITIVE_INFINITY) * growth.perUnitError
  const perHour = growth.percentPerHour * bytes
  return {
    bytesPerHour: perHour,
    bytesPerHourInterval: {
      low: perHour * Math.max(0, 1 - reach / growth.perUnit),
      high: perHour * (1 + reach / growth.perUnit),
    },
    ...(within ? { hoursToLimit: ahead.hours, hoursToLimitInterval: ahead.interval } : {}),
    ...(leak.model.driver === 'deploys' && deploys
      ? {
          bytesPerDeploy: growth.perUnit * bytes,
          bytesPerDeployInterval: {
            low: Math.max(0, growth.perUnit - reach) * bytes,
            high: (growth.perUnit + reach) * bytes,
          },
          deploysLeft: Math.floor(Math.max(0, 100 - ahead.level) / growth.perUnit),
        }
      : {}),
  }
}

/** Two-sided 95 % quantile of Student's t, close enough from 3 degrees of freedom on. */
function student95(count: number): number {
  return 1.96 * (1 + 1.5 / Math.max(1, count - 1))
}
