import { executionError } from '../promql/errors.ts'
import { isNaNValue } from './numbers.ts'
import { ascending } from './quantile.ts'
import type { SeriesColumn } from './values.ts'

/** The k largest or smallest of one group at each step. A series keeps its place only where it is among them; NaN ranks last. */
export function rankGroup(
  operator: 'topk' | 'bottomk',
  members: readonly SeriesColumn[],
  limits: readonly number[],
): SeriesColumn[] {
  const kept = members.map(({ labels, values }): SeriesColumn => ({ labels, values: values.map(() => undefined) }))
  const order = new Map<SeriesColumn, number>()
  for (const [step, limit] of limits.entries()) {
    if (!(Math.abs(limit) < 2 ** 63)) throw executionError(`Scalar value ${limit} overflows int64`)
    const ranked = members
      .map(({ values }, index) => ({ index, value: values[step] }))
      .filter((entry): entry is { index: number; value: number } => entry.value !== undefined)
      .sort((a, b) => compare(operator, a.value, b.value))
      .slice(0, Math.max(0, limit))
    for (const [rank, { index, value }] of ranked.entries()) {
      const target = kept[index]
      if (target === undefined) continue
      target.values[step] = value
      order.set(target, rank)
    }
  }
  // Only an instant query shows an order, and there the last step is the only one.
  return [...order].sort(([, a], [, b]) => a - b).map(([series]) => series)
}

function compare(operator: 'topk' | 'bottomk', a: number, b: number): number {
  if (isNaNValue(a) || isNaNValue(b)) return ascending(b, a)
  return operator === 'topk' ? ascending(b, a) : ascending(a, b)
}
