import { extrapolatedChange } from './extrapolate.ts'
import { countPairs, overTime, quantileOverTime } from './over-time.ts'
import { linearRegression } from './regression.ts'
import type { Generation } from './values.ts'
import type { RangeWindow } from './windows.ts'

/** The value of one range function at one step; `parameter` is its scalar argument there, NaN when it has none. */
export type RangeFunction = (window: RangeWindow, parameter: number, generation: Generation) => number | undefined

export const rangeFunctions: ReadonlyMap<string, RangeFunction> = new Map<string, RangeFunction>([
  ...(['rate', 'increase', 'delta'] as const).map((kind): [string, RangeFunction] => [
    kind,
    (window, _, generation) => extrapolatedChange(window, kind, generation),
  ]),
  ...Object.entries(overTime).map(([name, evaluate]): [string, RangeFunction] => [`${name}_over_time`, evaluate]),
  ['quantile_over_time', quantileOverTime],
  ['irate', instantRate],
  ['idelta', ({ values, from, to }) => (to - from < 2 ? undefined : (values[to - 1] ?? 0) - (values[to - 2] ?? 0))],
  ['deriv', (window) => linearRegression(window, window.timesMs[window.from] ?? 0)?.slope],
  ['predict_linear', predictLinear],
  ['changes', (window) => countPairs(window, (a, b) => a !== b && !(Number.isNaN(a) && Number.isNaN(b)))],
  ['resets', (window) => countPairs(window, (previous, current) => current < previous)],
])

/** Per second between the last two samples. */
function instantRate({ timesMs, values, from, to }: RangeWindow): number | undefined {
  if (to - from < 2) return undefined
  const last = values[to - 1] ?? 0
  const previous = values[to - 2] ?? 0
  const seconds = ((timesMs[to - 1] ?? 0) - (timesMs[to - 2] ?? 0)) / 1000
  return (last < previous ? last : last - previous) / seconds
}

/** The fitted line `seconds` after the evaluation time; an `offset` moves the samples, not that time. */
function predictLinear(window: RangeWindow, seconds: number): number | undefined {
  const line = linearRegression(window, window.atMs)
  return line && line.slope * seconds + line.intercept
}
