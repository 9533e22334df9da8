import { at, last, median } from './numbers.ts'
import { after, before, dropAt, type Restart } from './restarts.ts'
import type { Samples } from './samples.ts'

/** A garbage collector's sawtooth: level rises gradually, then falls at once, again and again. */
export interface Collector {
  /** First samples after each collection. */
  readonly drops: readonly number[]
  readonly cycleHours: number
  /** What one collection typically frees, percent of the limit. */
  readonly freed: number
  /** Where collections typically begin, percent of the limit. */
  readonly peak: number
}

const SHORTEST_CYCLE_HOURS = 120 / 3600
/** Samples looked at for the spread of ordinary differences. */
const SPREAD_SAMPLES = 256

/** Finds a collector, or `undefined`. Known restarts are not collections. */
export function findCollector(samples: Samples, restarts: ReadonlySet<number>): Collector | undefined {
  const { level, hours, count } = samples
  if (count <= 20) return undefined
  const all = steepDrops(samples, restarts)
  if (all.length < 4) return undefined
  const cycle = typicalPeriod(all, hours)
  if (cycle > last(hours) / 4) return undefined
  const drops = all.filter((index) => roseGradually(index, cycle, level, hours))
  if (drops.length < 4 || drops.length < all.length / 2) return undefined
  return {
    drops,
    cycleHours: typicalPeriod(drops, hours),
    freed: median(drops.map((index) => dropAt(level, index))),
    peak: median(drops.map((index) => at(level, index - 1))),
  }
}

/** Level-only restarts that are no deeper than collections were collections. */
export function withoutCollections(
  restarts: readonly Restart[],
  collector: Collector,
  level: Float64Array,
): readonly Restart[] {
  if (collector.drops.length < 6 || collector.peak >= 93) return restarts
  return restarts.filter(({ source, index }) => source !== 'level' || dropAt(level, index) > 2 * collector.freed)
}

/** Position within the collector's cycle, 0 after a collection and 1 before the next, for every sample. */
export function cyclePhase(collector: Collector, hours: Float64Array): Float64Array {
  const times = collector.drops.map((index) => at(hours, index))
  const first = times[0] ?? 0
  let done = 0
  return hours.map((time) => {
    while (done < times.length && time >= (times[done] ?? 0)) done++
    const from = done > 0 ? (times[done - 1] ?? first) : first - collector.cycleHours
    const to = times[done] ?? Math.max(from + collector.cycleHours, last(hours))
    return Math.max(0, Math.min(1, (time - from) / (to - from)))
  })
}

function steepDrops({ level, hours, count }: Samples, restarts: ReadonlySet<number>): number[] {
  const sigma = differenceSpread(level, restarts)
  const least = Math.max(4 * sigma, 2)
  const found: number[] = []
  for (let i = 3; i < count - 2; i++) {
    if (at(level, i) - at(level, i - 1) > -Math.max(5 * sigma, least / 2) || restarts.has(i)) continue
    const previous = found[found.length - 1]
    if (previous !== undefined && at(hours, i) - at(hours, previous) <= SHORTEST_CYCLE_HOURS) continue
    if (dropAt(level, i) > least) found.push(i)
  }
  return found
}

/** Robust standard deviation of sample-to-sample differences: 1.4826·MAD. */
function differenceSpread(level: Float64Array, restarts: ReadonlySet<number>): number {
  const stride = Math.max(1, Math.ceil((level.length - 1) / SPREAD_SAMPLES))
  const steps: number[] = []
  for (let i = 1; i < level.length; i += stride) {
    if (!restarts.has(i)) steps.push(Math.abs(at(level, i) - at(level, i - 1)))
  }
  return 1.4826 * median(steps) || 1e-9
}

/** 0.3 cycles before a collection the level is well above its floor; before the fall of a deploy's spike it is not. */
function roseGradually(index: number, cycle: number, level: Float64Array, hours: Float64Array): boolean {
  let early = index
  while (early > 1 && at(hours, index) - at(hours, early) < 0.3 * cycle) early--
  const floor = after(level, index)
  const top = before(level, index - 1)
  const middle = before(level, Math.min(early + 1, level.length - 1))
  return (middle - floor) / (top - floor) > 0.35
}

function typicalPeriod(indices: readonly number[], hours: Float64Array): number {
  return median(indices.slice(1).map((index, i) => at(hours, index) - at(hours, indices[i] ?? index)))
}
