import { CompensatedSum } from './compensated-sum.ts'
import { absolute, infinity, isFiniteNumber, isNaNValue, notANumber } from './numbers.ts'
import { quantile } from './quantile.ts'
import type { RangeWindow } from './windows.ts'

type OverTime = (window: RangeWindow) => number | undefined

/** `max_over_time` and its siblings, by the part of the name before `_over_time`. Windows are never empty. */
export const overTime: Readonly<Record<string, OverTime>> = {
  max: (window) => fold(window, (best, value) => (value > best || isNaNValue(best) ? value : best)),
  min: (window) => fold(window, (best, value) => (value < best || isNaNValue(best) ? value : best)),
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
  let best = values[from] ?? notANumber
  for (let index = from; index < to; index += 1) best = choose(best, values[index] ?? notANumber)
  return best
}

function sumOf({ values, from, to }: RangeWindow): number {
  const sum = new CompensatedSum()
  for (let index = from; index < to; index += 1) sum.add(values[index] ?? 0)
  return isFiniteNumber(sum.uncorrected) ? sum.value : sum.uncorrected
}

/** A running mean rather than sum by count: it stays finite where the sum would overflow. */
function averageOf({ values, from, to }: RangeWindow): number {
  const mean = new CompensatedSum()
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? 0
    const soFar = mean.uncorrected
    const alreadyInfinite = absolute(soFar) === infinity
    if (alreadyInfinite && (value === soFar || isFiniteNumber(value))) continue
    const count = index - from + 1
    mean.add(value / count - soFar / count)
  }
  return isFiniteNumber(mean.uncorrected) ? mean.value : mean.uncorrected
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
