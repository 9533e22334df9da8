import { type Expression, unwrapped } from '../promql/ast.ts'
import { type Labels, metricName } from './labels.ts'
import { ascending } from './quantile.ts'
import type { Column, SeriesColumn } from './values.ts'

/** Functions of each sample; `parameter` is the second argument where there is one. */
export const sampleFunctions: ReadonlyMap<string, (value: number, parameter: number) => number> = new Map([
  ['abs', Math.abs],
  ['ceil', Math.ceil],
  ['floor', Math.floor],
  // Halves go up, also for negative values; the inverse keeps round(x, 0.1) free of 0.30000000000000004.
  ['round', (value: number, nearest: number) => Math.floor(value / nearest + 0.5) / (1 / nearest)],
  ['clamp_min', Math.max],
  ['clamp_max', Math.min],
])

/** `sort` and `sort_desc` order an instant vector; NaN comes last either way. */
export function sorted(series: readonly SeriesColumn[], descending: boolean): SeriesColumn[] {
  const first = ({ values }: SeriesColumn): number => values[0] ?? Number.NaN
  return [...series].sort((a, b) => {
    if (Number.isNaN(first(a)) || Number.isNaN(first(b))) return ascending(first(b), first(a))
    return descending ? ascending(first(b), first(a)) : ascending(first(a), first(b))
  })
}

/** 1 at each step where nothing is present, labelled with what the selector's equality conditions say. */
export function absent(argument: Expression, series: readonly SeriesColumn[], steps: number): SeriesColumn[] {
  const values: Column = Array.from({ length: steps }, (_, step) =>
    series.some((one) => one.values[step] !== undefined) ? undefined : 1,
  )
  return [{ labels: labelsOfAbsent(unwrapped(argument)), values }]
}

/** The value of a vector with exactly one element, else NaN. */
export function toScalar(series: readonly SeriesColumn[], steps: number): number[] {
  return Array.from({ length: steps }, (_, step) => {
    const present = series.filter(({ values }) => values[step] !== undefined)
    return present.length === 1 ? (present[0]?.values[step] ?? Number.NaN) : Number.NaN
  })
}

function labelsOfAbsent(argument: Expression): Labels {
  if (argument.type !== 'selector') return {}
  const labels = new Map<string, string | undefined>()
  for (const { name, operator, value } of argument.matchers) {
    if (name === metricName) continue
    labels.set(name, operator === '=' && !labels.has(name) ? value : undefined)
  }
  return Object.fromEntries([...labels].filter((entry): entry is [string, string] => Boolean(entry[1])))
}
