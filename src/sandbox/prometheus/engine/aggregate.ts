import type { Aggregate } from '../promql/ast.ts'
import { CompensatedSum } from './compensated-sum.ts'
import { type Labels, labelsKey, metricName, onlyLabels, withoutLabels } from './labels.ts'
import { absolute, infinity, isFiniteNumber, isNaNValue, notANumber } from './numbers.ts'
import { quantile } from './quantile.ts'
import { rankGroup } from './rank.ts'
import type { SeriesColumn } from './values.ts'

interface Group {
  readonly labels: Labels
  readonly members: SeriesColumn[]
}

/** Reduces the present values of a group at one step; `parameter` is the aggregation's scalar there. */
type Reducer = (values: readonly number[], parameter: number) => number

const reducers: Readonly<Record<Exclude<Aggregate['operator'], 'topk' | 'bottomk'>, Reducer>> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  max: (values) => values.reduce((best, value) => (value > best || isNaNValue(best) ? value : best)),
  min: (values) => values.reduce((best, value) => (value < best || isNaNValue(best) ? value : best)),
  avg: average,
  count: (values) => values.length,
  group: () => 1,
  stddev: standardDeviation,
  quantile: (values, q) => quantile(q, values),
}

/** Aggregates by `by` or `without`; `parameters` holds the scalar of each step for `topk`, `bottomk` and `quantile`. */
export function aggregate(
  { operator, labels, without }: Aggregate,
  series: readonly SeriesColumn[],
  parameters: readonly number[],
): SeriesColumn[] {
  const groups = groupBy(series, labels, without)
  if (operator === 'topk' || operator === 'bottomk')
    return groups.flatMap(({ members }) => rankGroup(operator, members, parameters))
  const reduce = reducers[operator]
  return groups.map((group) => ({ labels: group.labels, values: reduceColumns(group.members, reduce, parameters) }))
}

function groupBy(series: readonly SeriesColumn[], labels: readonly string[], without: boolean): Group[] {
  const names = new Set(labels)
  if (without) names.add(metricName)
  const groups = new Map<string, Group>()
  for (const one of series) {
    const groupLabels = without ? withoutLabels(one.labels, names) : onlyLabels(one.labels, names)
    const key = labelsKey(groupLabels)
    const group = groups.get(key)
    if (group) group.members.push(one)
    else groups.set(key, { labels: groupLabels, members: [one] })
  }
  return [...groups.values()]
}

function reduceColumns(members: readonly SeriesColumn[], reduce: Reducer, parameters: readonly number[]) {
  const steps = members[0]?.values.length ?? 0
  return Array.from({ length: steps }, (_, step) => {
    const present: number[] = []
    for (const { values } of members) {
      const value = values[step]
      if (value !== undefined) present.push(value)
    }
    return present.length === 0 ? undefined : reduce(present, parameters[step] ?? notANumber)
  })
}

/** A running mean, so that large values do not overflow; once infinite, finite values no longer matter. */
function average(values: readonly number[]): number {
  let mean = 0
  for (const [index, value] of values.entries()) {
    const alreadyInfinite = absolute(mean) === infinity
    if (alreadyInfinite && (value === mean || isFiniteNumber(value))) continue
    mean += value / (index + 1) - mean / (index + 1)
  }
  return mean
}

function standardDeviation(values: readonly number[]): number {
  let mean = 0
  const squares = new CompensatedSum()
  for (const [index, value] of values.entries()) {
    const delta = value - mean
    mean += delta / (index + 1)
    squares.add(delta * (value - mean))
  }
  return Math.sqrt(squares.value / values.length)
}
