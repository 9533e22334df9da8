import { executionError } from '../promql/errors.ts'
import { labelsKey } from './labels.ts'
import type { SeriesColumn } from './values.ts'

/**
 * Joins series whose labels became equal. Throws `PromqlError` when two of them have a value at the same step,
 * or at any step with `evenApart`.
 */
export function mergeEqualLabels(series: readonly SeriesColumn[], evenApart = false): SeriesColumn[] {
  const merged = new Map<string, SeriesColumn>()
  for (const current of series) {
    if (current.values.every((value) => value === undefined)) continue
    const key = labelsKey(current.labels)
    const earlier = merged.get(key)
    if (earlier && evenApart) throw sameLabels()
    merged.set(key, earlier ? joined(earlier, current) : current)
  }
  return [...merged.values()]
}

function joined(a: SeriesColumn, b: SeriesColumn): SeriesColumn {
  const values = a.values.map((value, step) => {
    const other = b.values[step]
    if (value !== undefined && other !== undefined) throw sameLabels()
    return value ?? other
  })
  return { labels: a.labels, values }
}

function sameLabels(): Error {
  return executionError('vector cannot contain metrics with the same labelset')
}
