import { tabulate } from './numbers.ts'
import type { MemorySeries } from './types.ts'

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

type Optional = readonly (number | undefined)[] | undefined

/** Drops what is missing or not finite and aligns every other series with memory. */
export function readSamples(series: MemorySeries): Samples {
  const kept: number[] = []
  for (let i = 0; i < series.at.length; i++) {
    if (Number.isFinite(series.at[i]) && Number.isFinite(series.bytes[i])) kept.push(i)
  }
  const count = kept.length
  const pick = (values: readonly (number | undefined)[]) => tabulate(count, (i) => finite(values[kept[i] ?? 0]))
  const known = (values: Optional) => (values?.some(Number.isFinite) ? pick(values) : undefined)
  const at = pick(series.at)
  const begin = at[0] ?? 0
  const counterReset = new Uint8Array(count)
  const increase = (values: Optional) => {
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
    hours: at.map((ms) => (ms - begin) / MS_PER_HOUR),
    level: bytes.map((value) => (value / limitBytes) * 100),
    requestsPerSecond: known(series.requestsPerSecond),
    deploys: increase(series.deploysTotal),
    evictions: increase(series.evictionsTotal ?? displaced(series)),
    counterReset,
    processStartAt: carryOn(known(series.processStartAt)),
  }
}

/** Where evictions are not counted: what was loaded beyond what the cache holds displaced something. */
function displaced({ deploysTotal, cacheMaxSize }: MemorySeries): Optional {
  if (cacheMaxSize === undefined) return undefined
  return deploysTotal?.map((total) => (total === undefined ? undefined : Math.max(0, total - cacheMaxSize)))
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
