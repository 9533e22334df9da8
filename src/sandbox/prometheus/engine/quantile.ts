import { isNaNValue } from './numbers.ts'
/** Prometheus' order of values: NaN is the smallest. */
export function ascending(a: number, b: number): number {
  if (isNaNValue(a)) return isNaNValue(b) ? 0 : -1
  if (isNaNValue(b)) return 1
  return a < b ? -1 : a > b ? 1 : 0
}

/** The q-quantile with linear interpolation; -Inf and +Inf for q outside 0…1, NaN for an undefined q. */
export function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || isNaNValue(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const sorted = [...values].sort(ascending)
  const rank = q * (sorted.length - 1)
  const lower = Math.floor(rank)
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - lower
  return (sorted[lower] ?? Number.NaN) * (1 - weight) + (sorted[upper] ?? Number.NaN) * weight
}
