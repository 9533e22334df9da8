import type { MemorySeries, MemoryVerdict, SeriesLike } from '../analysis/memory/index.ts'

/** A series on its way to a worker: numbers in buffers that change hands instead of being copied, NaN for what is missing. */
export interface PackedSeries extends SeriesLike {
  readonly at: Float64Array
  readonly bytes: Float64Array
  readonly requestsPerSecond?: Float64Array
  readonly deploysTotal?: Float64Array
  readonly evictionsTotal?: Float64Array
  readonly processStartAt?: Float64Array
}

/** Verdicts in the order of the series asked about. */
export type Answers = readonly MemoryVerdict[]

export function pack(series: MemorySeries): PackedSeries {
  const { limitBytes, cacheMaxSize, at, bytes, requestsPerSecond, deploysTotal, evictionsTotal, processStartAt } =
    series
  return {
    limitBytes,
    at: column(at),
    bytes: column(bytes),
    ...(cacheMaxSize !== undefined && { cacheMaxSize }),
    ...(requestsPerSecond && { requestsPerSecond: column(requestsPerSecond) }),
    ...(deploysTotal && { deploysTotal: column(deploysTotal) }),
    ...(evictionsTotal && { evictionsTotal: column(evictionsTotal) }),
    ...(processStartAt && { processStartAt: column(processStartAt) }),
  }
}

/** What to hand over with a packed series. */
export function buffersOf(packed: PackedSeries): readonly ArrayBuffer[] {
  return Object.values(packed).flatMap((value) =>
    value instanceof Float64Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  )
}

function column(values: readonly (number | undefined)[]): Float64Array {
  const packed = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) packed[i] = values[i] ?? Number.NaN
  return packed
}
