import type { MemorySeries, MemoryVerdict } from '../analysis/memory/index.ts'

/** Series on their way to a worker: numbers in buffers that change hands instead of being copied; NaN stands for what is missing. */
export interface PackedSeries extends Pick<MemorySeries, 'limitBytes' | 'cacheMaxSize'> {
  readonly columns: Readonly<Record<Column, Float64Array | undefined>>
}

/** Verdicts in the order of the series asked about. */
export type Answers = readonly MemoryVerdict[]

const COLUMNS = ['at', 'bytes', 'requestsPerSecond', 'deploysTotal', 'evictionsTotal', 'processStartAt'] as const
type Column = (typeof COLUMNS)[number]

export function pack(series: MemorySeries): PackedSeries {
  const { limitBytes, cacheMaxSize, at, bytes, requestsPerSecond, deploysTotal, evictionsTotal, processStartAt } =
    series
  return {
    limitBytes,
    ...(cacheMaxSize !== undefined && { cacheMaxSize }),
    columns: {
      at: column(at),
      bytes: column(bytes),
      requestsPerSecond: column(requestsPerSecond),
      deploysTotal: column(deploysTotal),
      evictionsTotal: column(evictionsTotal),
      processStartAt: column(processStartAt),
    },
  }
}

/** What to hand over with packed series. */
export function buffersOf({ columns }: PackedSeries): readonly ArrayBuffer[] {
  return COLUMNS.flatMap((name) => {
    const buffer = columns[name]?.buffer
    return buffer instanceof ArrayBuffer ? [buffer] : []
  })
}

/** A missing sample stays NaN, which the analysis takes for missing as well. */
export function unpack({ limitBytes, cacheMaxSize, columns }: PackedSeries): MemorySeries {
  const { at, bytes, requestsPerSecond, deploysTotal, evictionsTotal, processStartAt } = columns
  return {
    limitBytes,
    ...(cacheMaxSize !== undefined && { cacheMaxSize }),
    at: Array.from(at ?? []),
    bytes: Array.from(bytes ?? []),
    ...(requestsPerSecond && { requestsPerSecond: Array.from(requestsPerSecond) }),
    ...(deploysTotal && { deploysTotal: Array.from(deploysTotal) }),
    ...(evictionsTotal && { evictionsTotal: Array.from(evictionsTotal) }),
    ...(processStartAt && { processStartAt: Array.from(processStartAt) }),
  }
}

function column(values: readonly (number | undefined)[] | undefined): Float64Array | undefined {
  if (!values) return undefined
  const packed = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) packed[i] = values[i] ?? Number.NaN
  return packed
}
