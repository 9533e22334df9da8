import { CompensatedSum } from './compensated-sum.ts'
import type { RangeWindow } from './windows.ts'

interface Line {
  /** Units of the series per second. */
  readonly slope: number
  /** The line's value at the time that it was asked for. */
  readonly intercept: number
}

/**
 * Ordinary least squares over time in seconds since `originMs`. `undefined` for fewer than two samples; a constant series has
 * slope 0 exactly, as in Prometheus.
 */
export function linearRegression({ timesMs, values, from, to }: RangeWindow, originMs: number): Line | undefined {
  const count = to - from
  if (count < 2) return undefined
  const first = values[from] ?? 0
  const x = new CompensatedSum()
  const y = new CompensatedSum()
  const xy = new CompensatedSum()
  const xx = new CompensatedSum()
  let constant = true
  for (let index = from; index < to; index += 1) {
    const value = values[index] ?? 0
    const seconds = ((timesMs[index] ?? 0) - originMs) / 1000
    if (value !== first) constant = false
    x.add(seconds)
    y.add(value)
    xy.add(seconds * value)
    xx.add(seconds * seconds)
  }
  if (constant)
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN }
  const covariance = xy.value - (x.value * y.value) / count
  const variance = xx.value - (x.value * x.value) / count
  const slope = covariance / variance
  return { slope, intercept: y.value / count - (slope * x.value) / count }
}
