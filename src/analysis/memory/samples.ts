import { at as numberAt, tabulate } from './numbers.ts'
import type { SeriesLike } from './types.ts'

/** The samples at which memory is known. Levels are percent of the limit, so that nothing later depends on units. */
export interface Samples {
  readonly count: number
  /** What 100 % stands for: the limit, or the largest level where no limit is set. */
  readonly limitBytes: number
  readonly limited: boolean
  /** Milliseconds since the epoch. */
  readonly at: Float64Array
  /** Hours since the first sample. */
  readonly hours: Float64Array
  /** Percent of the limit. */
  readonly level: Float64Array
  /** NaN where not known. */
  readonly requestsPerSecond: Float64Array | undefined
  /** Counter increases since the sample before, across gaps. */
  readonly deploys: Float64Array | undefined
  readonly evictions: Float64Array | undefined
  /** Whether any counter was lower than before: only a new process does that. */
  readonly counterReset: Uint8Array
  /** Milliseconds since the epoch; the last known value is carried on, NaN before the first. */
  readonly processStartAt: Float64Array | undefined
}

const MS_PER_HOUR = 3_600_000

type Values = ArrayLike<number | undefined>

/** Drops what is missing or not finite and aligns every other series with memory. */
export function readSamples(series: SeriesLike): Samples {
  const kept = wholeSamples(series)
  const count = kept.length
  const pick = (values: Values) => picked(values, kept)
  const known = (values: Values | undefined) => (values && hasAny(values) ? pick(values) : undefined)
  const at = pick(series.at)
  const begin = at[0] ?? 0
  const counterReset = new Uint8Array(count)
  const increase = (values: Values | undefined) => {
    const counter = known(values)
    return counter && increases(counter, counterReset)
  }
  const bytes = pick(series.bytes)
  const limited = series.limitBytes > 0 && Number.isFinite(series.limitBytes)
  const limitBytes = limited ? series.limitBytes : bytes.reduce((most, value) => Math.max(most, value), 1)
  return {
    count,
    limitBytes,
    limited,
    at,
    hours: tabulate(count, (i) => (numberAt(at, i) - begin) / MS_PER_HOUR),
    level: tabulate(count, (i) => (numberAt(bytes, i) / limitBytes) * 100),
    requestsPerSecond: known(series.requestsPerSecond),
    deploys: increase(series.deploysTotal),
    evictions: increase(series.evictionsTotal ?? displaced(series)),
    counterReset,
    processStartAt: carryOn(known(series.processStartAt)),
  }
}

/** Where evictions are not counted: what was loaded beyond what the cache holds displaced something. */
function displaced({ deploysTotal, cacheMaxSize }: SeriesLike): Values | undefined {
  if (cacheMaxSize === undefined) return undefined
  return deploysTotal && tabulate(deploysTotal.length, (i) => Math.max(0, finite(deploysTotal[i]) - cacheMaxSize))
}

/** Where time and memory are known. */
function wholeSamples({ at, bytes }: SeriesLike): Int32Array {
  const kept = new Int32Array(at.length)
  let count = 0
  for (let i = 0; i < at.length; i++) if (Number.isFinite(at[i]) && Number.isFinite(bytes[i])) kept[count++] = i
  return kept.subarray(0, count)
}

function picked(values: Values, kept: Int32Array): Float64Array {
  const found = new Float64Array(kept.length)
  for (let i = 0; i < kept.length; i++) found[i] = finite(values[kept[i] ?? 0])
  return found
}

function hasAny(values: Values): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) return true
  return false
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : Number.NaN
}

/** Prometheus `increase()`: a value below its predecessor means that the counter started again at zero. Marks those samples in `resets`. */
function increases(counter: Float64Array, resets: Uint8Array): Float64Array {
  let previous = Number.NaN
  return counter.map((value, i) => {
    if (Number.isNaN(value)) return 0
    const before = previous
    previous = value
    if (Number.isNaN(before)) return 0
    if (value >= before) return value - before
    resets[i] = 1
    return value
  })
}

function carryOn(values: Float64Array | undefined): Float64Array | undefined {
  let known = Number.NaN
  return values?.map((value) => {
    if (!Number.isNaN(value)) known = value
    return known
  })
}
