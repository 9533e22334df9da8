import { at, median, median3 } from './numbers.ts'
import type { Samples } from './samples.ts'

export interface Restart {
  /** Index of the new process's first sample. */
  readonly index: number
  readonly source: 'process-start' | 'counter-reset' | 'level'
}

/** Between two restarts that only the level shows, hours. */
const SETTLE_HOURS = 300 / 3600
/** Without any other sign, a restart frees at least this share of what was held, and this much of the limit (percent). */
const FREED_SHARE = 0.35
const FREED_PERCENT = 3
/** A counter reset alone may be another process's; one that comes with this drop (percent of the limit) is ours. */
const RESET_DROP_PERCENT = 0.5

/** Where a new process begins: by its start time where that is known, else by counters that start again, else by the level alone. */
export function findRestarts(samples: Samples): readonly Restart[] {
  if (samples.processStartAt) return byProcessStart(samples.processStartAt)
  const found = new Map<number, Restart>()
  for (const restart of byLevel(samples)) found.set(restart.index, restart)
  for (const restart of byCounters(samples)) {
    for (const near of found.keys()) if (Math.abs(near - restart.index) <= 3) found.delete(near)
    found.set(restart.index, restart)
  }
  return [...found.values()].sort((a, b) => a.index - b.index)
}

/** The median of the three samples that end with `index`. */
export function before(level: Float64Array, index: number): number {
  return median3(at(level, index), at(level, Math.max(0, index - 1)), at(level, Math.max(0, index - 2)))
}

/** The median of the three samples that begin with `index`. */
export function after(level: Float64Array, index: number): number {
  const end = level.length - 1
  return median3(at(level, index), at(level, Math.min(end, index + 1)), at(level, Math.min(end, index + 2)))
}

/** How far the level falls from the samples before `index` to those from it on. */
export function dropAt(level: Float64Array, index: number): number {
  return before(level, index - 1) - after(level, index)
}

function byProcessStart(start: Float64Array): Restart[] {
  const found: Restart[] = []
  for (let i = 1; i < start.length; i++) {
    if (at(start, i) > at(start, i - 1) + 1000) found.push({ index: i, source: 'process-start' })
  }
  return found
}

function byCounters({ counterReset, level }: Samples): Restart[] {
  const found: Restart[] = []
  for (let i = 1; i < level.length; i++) {
    if (counterReset[i] === 1 && dropAt(level, i) > RESET_DROP_PERCENT)
      found.push({ index: i, source: 'counter-reset' })
  }
  return found
}

function byLevel({ level, hours }: Samples): Restart[] {
  const found: Restart[] = []
  let previous = Number.NEGATIVE_INFINITY
  for (let i = 3; i < level.length - 2; i++) {
    if (at(level, i) > at(level, i - 1) * (1 - FREED_SHARE / 2)) continue
    const held = before(level, i - 1)
    const left = after(level, i)
    if (left >= held * (1 - FREED_SHARE) || held - left <= FREED_PERCENT || at(hours, i) - previous <= SETTLE_HOURS)
      continue
    found.push({ index: i, source: 'level' })
    previous = at(hours, i)
  }
  return looksLikeCollector(found, level, hours) ? [] : found
}

/** Many regular drops that begin well below the limit are a garbage collector at work. */
function looksLikeCollector(found: readonly Restart[], level: Float64Array, hours: Float64Array): boolean {
  if (found.length < 4) return false
  const times = found.map(({ index }) => at(hours, index))
  const periods = times.slice(1).map((time, i) => time - (times[i] ?? time))
  const typical = median(periods)
  const spread = Math.sqrt(periods.reduce((sum, period) => sum + (period - typical) ** 2, 0) / periods.length)
  const span = at(hours, hours.length - 1)
  return typical < span / 6 && spread < 0.6 * typical && median(found.map(({ index }) => at(level, index - 1))) < 93
}
