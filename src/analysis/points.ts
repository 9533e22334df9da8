import { median } from './memory/numbers.ts'

/** A series: ms since the epoch and value, ascending. */
export type Points = readonly (readonly [at: number, value: number])[]

/** Those in a stretch of time, both ends included. */
export function between(points: Points, from: number, to: number): Points {
  return points.filter(([at]) => at >= from && at <= to)
}

export function valuesOf(points: Points): readonly number[] {
  return points.map(([, value]) => value)
}

/** The median of the values in a stretch of time; undefined where there is none. One odd scrape does not move it. */
export function typical(points: Points, from: number, to: number): number | undefined {
  const values = valuesOf(between(points, from, to))
  return values.length === 0 ? undefined : median(values)
}

/** Lowest and highest; undefined of nothing. */
export function rangeOf(values: readonly number[]): { readonly low: number; readonly high: number } | undefined {
  if (values.length === 0) return undefined
  return { low: Math.min(...values), high: Math.max(...values) }
}

/** Each flag as most of the two before and after it say: a single odd one changes nothing. */
export function smoothed(flags: readonly boolean[]): readonly boolean[] {
  return flags.map((_flag, index) => {
    const around = flags.slice(Math.max(0, index - 2), index + 3)
    return around.filter(Boolean).length * 2 > around.length
  })
}
