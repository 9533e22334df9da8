import { parseNumber } from '../promql/literals.ts'
import { labelValue, metricName, withoutLabels } from './labels.ts'
import { groupByMatch } from './match-key.ts'
import type { Column, SeriesColumn } from './values.ts'

interface Bucket {
  readonly upperBound: number
  readonly count: number
}

const bucketLabels = new Set([metricName, 'le'])

/**
 * `histogram_quantile` over classic buckets: linear within the bucket that holds the rank
 * (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile). Series without a numeric `le` are skipped.
 */
export function histogramQuantile(quantiles: readonly number[], series: readonly SeriesColumn[]): SeriesColumn[] {
  const buckets = series.filter(({ labels }) => !Number.isNaN(upperBound(labels)))
  const groups = groupByMatch(buckets, (labels) => withoutLabels(labels, bucketLabels))
  return [...groups.values()].map((members) => ({
    labels: withoutLabels(members[0]?.labels ?? {}, bucketLabels),
    values: quantiles.map((q, step) => atStep(q, members, step)),
  }))
}

function upperBound(labels: SeriesColumn['labels']): number {
  const le = labelValue(labels, 'le')
  const value = parseNumber(le.replace(/^[+-]/, '')) ?? Number.NaN
  return le.startsWith('-') ? -value : value
}

function atStep(q: number, members: readonly SeriesColumn[], step: number): Column[number] {
  const counts = new Map<number, number>()
  for (const { labels, values } of members) {
    const count = values[step]
    const bound = upperBound(labels)
    if (count !== undefined) counts.set(bound, (counts.get(bound) ?? 0) + count)
  }
  if (counts.size === 0) return undefined
  const buckets = [...counts].map(([bound, count]) => ({ upperBound: bound, count }))
  return bucketQuantile(
    q,
    buckets.sort((a, b) => a.upperBound - b.upperBound),
  )
}

function bucketQuantile(q: number, sorted: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const buckets = cumulative(sorted)
  const last = buckets.at(-1)
  const beforeLast = buckets.at(-2)
  if (last?.upperBound !== Number.POSITIVE_INFINITY || beforeLast === undefined || last.count === 0) return Number.NaN
  const rank = q * last.count
  const index = buckets.findIndex(({ count }, position) => count >= rank || position === buckets.length - 1)
  const bucket = buckets[index] ?? last
  if (bucket === last) return beforeLast.upperBound
  if (index === 0 && bucket.upperBound <= 0) return bucket.upperBound
  const below = buckets[index - 1] ?? { upperBound: 0, count: 0 }
  const share = (rank - below.count) / (bucket.count - below.count)
  return below.upperBound + (bucket.upperBound - below.upperBound) * share
}

/** Buckets scraped at different moments may decrease; each counts at least what the one below it counts. */
function cumulative(sorted: readonly Bucket[]): Bucket[] {
  let highest = Number.NEGATIVE_INFINITY
  return sorted.map(({ upperBound: bound, count }) => {
    highest = Math.max(highest, count)
    return { upperBound: bound, count: highest }
  })
}
