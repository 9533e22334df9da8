import { CompensatedSum } from './compensated-sum.ts'
import { quantile } from './quantile.ts'
import type { RangeWindow } from './windows.ts'

type OverTime = (window: RangeWindow) => number | undefined

/** `max_over_time` and its siblings, by the part of the name before `_over_time`. Windows are never empty. */
export const overTime: Readonly<Record<string, OverTime>> = {
  max: (window) => fold(window, (best, value) => (value > best || Number.isNaN(best) ? value : best)),
  min: (window) => fold(window, (best, value) => (value < best || Number.isNaN(best) ? value : best)),
  sum: sumOf,
  avg: averageOf,
  count: ({ from, to }) => to - from,
  last: ({ values, to }) => values[to - 1],
  stddev: standardDeviationOf,
  present: () => 1,
}

/** `quantile_over_time`. */
export function quantileOverTime({ values, from, to }: RangeWindow, q: number): number {
  return quantile(q, values.slice(from, to))
}

/** How often neighbouring samples satisfy `counts`. */
export function countPairs(
  { values, from, to }: RangeWindow,
  counts: (previous: number, current: number) => boolean,
): number {
  let found = 0
  for (let index = from + 1; index < to; index += 1) if (counts(values[index - 1] ?? 0, values[index] ?? 0)) found += 1
  return found
}

function fold({ values, from, to }: RangeWindow, choose: (best: number, value: number) => number): number {
  let best = values[from] ?? Number.NaN
  for (let index = from; index < to; index += 1) best = choose(best, values[index] ?? Number.NaN)
  return best
}

function sumOf({ values, from, to }: RangeWindow): number {
  const sum = new CompensatedSum()
  for (let index = from; index < to; index += 1) sum.add(values[index] ?? 0)
  return Number.isFinite(sum.uncorrected) ? sum.value : sum.uncorrected
}

/** A running mean rather than sum by count: it stays finite where the sum would overflow. */
function averageOf({ values, from, to }: RangeWindow): number {
  const mean = new CompensatedSum()
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? 0
    const soFar = mean.uncorrected
    const alreadyInfinite = Math.abs(soFar) === Number.POSITIVE_INFINITY
    if (alreadyInfinite && (value === soFar || Number.isFinite(value))) continue
    const count = index - from + 1
    mean.add(value / count - soFar / count)
  }
  return Number.isFinite(mean.uncorrected) ? mean.value : mean.uncorrected
}

function standardDeviationOf({ values, from, to }: RangeWindow): number {
  const mean = new CompensatedSum()
  const squares = new CompensatedSum()
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? 0
    const delta = value - mean.value
    mean.add(delta / (index - from + 1))
    squares.add(delta * (value - mean.value))
  }
  return Math.sqrt(squares.value / (to - from))
}
