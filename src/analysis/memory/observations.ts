import type { Buckets } from './buckets.ts'
import { at, clamp, median, medianOf, tabulate } from './numbers.ts'

/** The buckets that can be compared with each other: those of segments long enough to say anything, without spikes. */
export interface Observations {
  readonly count: number
  /** Index into the buckets. */
  readonly bucket: Int32Array
  /** Numbered from 0 without holes. */
  readonly segment: Int32Array
  readonly segments: number
  /** Slices since the observation before; 0 where a segment begins. */
  readonly gap: Int32Array
  /** Percent of the limit, spikes clipped. */
  readonly level: Float64Array
}

const FEWEST_PER_SEGMENT = 4
const SPIKE_SIGMAS = 5

export function toObservations(buckets: Buckets): Observations {
  const sizes = new Map<number, number>()
  for (const segment of buckets.segment) sizes.set(segment, (sizes.get(segment) ?? 0) + 1)
  const numbers = new Map<number, number>()
  for (const [segment, size] of sizes) if (size >= FEWEST_PER_SEGMENT) numbers.set(segment, numbers.size)
  const bucket = Int32Array.from([...buckets.segment.keys()].filter((i) => numbers.has(buckets.segment[i] ?? -1)))
  const segment = bucket.map((i) => numbers.get(buckets.segment[i] ?? -1) ?? 0)
  const gap = bucket.map((b, i) =>
    i > 0 && segment[i] === segment[i - 1] ? (buckets.slice[b] ?? 0) - (buckets.slice[bucket[i - 1] ?? b] ?? 0) : 0,
  )
  const raw = tabulate(bucket.length, (i) => at(buckets.level, bucket[i] ?? 0))
  return { count: bucket.length, bucket, segment, segments: numbers.size, gap, level: withoutSpikes(raw, segment) }
}

/** Hampel's filter over five buckets of one segment: what lies further than 5 robust standard deviations from their median is clipped. */
function withoutSpikes(level: Float64Array, segment: Int32Array): Float64Array {
  const smooth = level.map((_, i) => {
    let from = Math.max(0, i - 2)
    let to = Math.min(level.length - 1, i + 2)
    while (segment[from] !== segment[i]) from++
    while (segment[to] !== segment[i]) to--
    return medianOf(level, from, to + 1)
  })
  const reach = SPIKE_SIGMAS * 1.4826 * median(level.map((value, i) => Math.abs(value - at(smooth, i)))) + 1e-6
  return level.map((value, i) => clamp(value, at(smooth, i) - reach, at(smooth, i) + reach))
}
