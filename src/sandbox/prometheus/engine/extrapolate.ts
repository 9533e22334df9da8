import { infinity } from './numbers.ts'
import type { Generation } from './values.ts'
import type { RangeWindow } from './windows.ts'

/**
 * `rate`, `increase` and `delta`: the change between the first and last sample, stretched to the range's edges where these
 * are closer than 1.1 average intervals, and otherwise by half an interval, since the series then began or ended inside.
 * A counter is never stretched to before it was zero. Follows
 * https://prometheus.io/docs/prometheus/latest/querying/functions/#rate. `undefined` for fewer than two samples.
 */
export function extrapolatedChange(
  window: RangeWindow,
  kind: 'rate' | 'increase' | 'delta',
  generation: Generation,
): number | undefined {
  const { timesMs, values, from, to, startMs, endMs } = window
  if (to - from < 2) return undefined
  const firstMs = timesMs[from] ?? 0
  const lastMs = timesMs[to - 1] ?? 0
  const first = values[from] ?? 0
  const change = kind === 'delta' ? (values[to - 1] ?? 0) - first : counterIncrease(window)

  const sampledSeconds = (lastMs - firstMs) / 1000
  const averageSeconds = sampledSeconds / (to - from - 1)
  const nearSeconds = averageSeconds * 1.1
  const toEnd = (endMs - lastMs) / 1000
  const toStart = (firstMs - startMs) / 1000
  const sinceZero = kind !== 'delta' && change > 0 && first >= 0 ? sampledSeconds * (first / change) : infinity

  const reach = (seconds: number): number => (seconds < nearSeconds ? seconds : averageSeconds / 2)
  // Prometheus 2 compares with the zero point before it judges nearness, Prometheus 3 after.
  const before = generation === 2 ? reach(Math.min(toStart, sinceZero)) : Math.min(reach(toStart), sinceZero)
  const extended = (change * (sampledSeconds + before + reach(toEnd))) / sampledSeconds
  return kind === 'rate' ? extended / ((endMs - startMs) / 1000) : extended
}

/** A value below its predecessor means that the counter restarted from zero. */
function counterIncrease({ values, from, to }: RangeWindow): number {
  let increase = (values[to - 1] ?? 0) - (values[from] ?? 0)
  for (let index = from + 1; index < to; index += 1) {
    const previous = values[index - 1] ?? 0
    if ((values[index] ?? 0) < previous) increase += previous
  }
  return increase
}
