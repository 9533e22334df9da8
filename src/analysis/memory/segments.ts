import { at, median } from './numbers.ts'
import { after, before, type Restart } from './restarts.ts'
import type { Samples } from './samples.ts'
import type { MemoryRestart, MemorySegment } from './types.ts'

/** Percent of the limit per hour between the first and the last samples, whatever happened in between. */
export function wholeWindowPercentPerHour({ level, hours, count }: Samples): number {
  return count < 2 ? 0 : slope(level, hours, 0, count)
}

export function describeRestarts(
  { at: time, level, limitBytes }: Samples,
  restarts: readonly Restart[],
): readonly MemoryRestart[] {
  const bytes = limitBytes / 100
  return restarts.map(({ index, source }) => ({
    at: at(time, index),
    source,
    beforeBytes: before(level, index - 1) * bytes,
    afterBytes: after(level, index) * bytes,
  }))
}

export function describeSegments(
  { at: time, level, hours, count, deploys, limitBytes }: Samples,
  restarts: readonly Restart[],
): readonly MemorySegment[] {
  if (count === 0) return []
  const bytes = limitBytes / 100
  const begins = [0, ...restarts.map(({ index }) => index)]
  return begins.map((from, i) => {
    const to = begins[i + 1] ?? count
    const edge = Math.min(5, to - from)
    return {
      from: at(time, from),
      to: at(time, to - 1),
      fromBytes: median(level.subarray(from, from + edge)) * bytes,
      toBytes: median(level.subarray(to - edge, to)) * bytes,
      bytesPerHour: slope(level, hours, from, to) * bytes,
      deploys: deploys && Math.round(deploys.subarray(from + 1, to).reduce((sum, more) => sum + more, 0)),
    }
  })
}

/** From the median of the first five samples to that of the last five, per hour between their middles. */
function slope(level: Float64Array, hours: Float64Array, from: number, to: number): number {
  const edge = Math.min(5, Math.ceil((to - from) / 2))
  const early = median(hours.subarray(from, from + edge))
  const late = median(hours.subarray(to - edge, to))
  return late > early
    ? (median(level.subarray(to - edge, to)) - median(level.subarray(from, from + edge))) / (late - early)
    : 0
}

/** Deploys since the last restart; `undefined` where they are not counted. */
export function currentDeploys(segments: readonly MemorySegment[]): number | undefined {
  return segments[segments.length - 1]?.deploys
}
