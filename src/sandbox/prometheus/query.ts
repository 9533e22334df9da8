import { evaluate } from './engine/evaluate.ts'
import { labelsKey } from './engine/labels.ts'
import { mergeEqualLabels } from './engine/merge.ts'
import type { SeriesStore } from './engine/series-store.ts'
import type { Column, Context, Generation, SeriesColumn, Value } from './engine/values.ts'
import { rangeWindows } from './engine/windows.ts'
import { formatPoint, type Point } from './format.ts'
import { type Expression, unwrapped } from './promql/ast.ts'
import { PromqlError } from './promql/errors.ts'
import { parsePromql } from './promql/parse.ts'
import { typeOf } from './promql/type-check.ts'

/** The `data` of an answer, as https://prometheus.io/docs/prometheus/latest/querying/api/ describes it. */
export type QueryData =
  | { readonly resultType: 'scalar' | 'string'; readonly result: Point }
  | { readonly resultType: 'vector'; readonly result: readonly { metric: object; value: Point }[] }
  | { readonly resultType: 'matrix'; readonly result: readonly { metric: object; values: Point[] }[] }

interface Source {
  readonly store: SeriesStore
  readonly generation: Generation
}

/** Evaluates `text` at one time. Throws `PromqlError`. */
export function instantQuery(source: Source, text: string, atMs: number): QueryData {
  const expression = unwrapped(parsePromql(text))
  const context: Context = { ...source, stepsMs: [atMs], startMs: atMs, endMs: atMs }
  if (expression.type === 'range' || expression.type === 'subquery')
    return { resultType: 'matrix', result: rawSamples(expression, context) }
  const value = evaluate(expression, context)
  if (value.type === 'string') return { resultType: 'string', result: [atMs / 1000, value.value] }
  if (value.type === 'scalar') return { resultType: 'scalar', result: formatPoint(atMs, value.values[0] ?? Number.NaN) }
  const result = mergeEqualLabels(value.series).flatMap(({ labels, values: [number] }) =>
    number === undefined ? [] : [{ metric: labels, value: formatPoint(atMs, number) }],
  )
  return { resultType: 'vector', result }
}

/** Evaluates `text` at every step from start to end, both included. Throws `PromqlError`. */
export function rangeQuery(source: Source, text: string, startMs: number, endMs: number, stepMs: number): QueryData {
  const expression = parsePromql(text)
  const type = typeOf(expression)
  if (type !== 'scalar' && type !== 'instant vector')
    throw new PromqlError(
      'bad_data',
      `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
    )
  const stepsMs: number[] = []
  for (let atMs = startMs; atMs <= endMs; atMs += stepMs) stepsMs.push(atMs)
  const series = asSeries(evaluate(expression, { ...source, stepsMs, startMs, endMs }))
  const result = mergeEqualLabels(series)
    .map(({ labels, values }) => ({ metric: labels, values: points(stepsMs, values) }))
    .sort((a, b) => (labelsKey(a.metric) < labelsKey(b.metric) ? -1 : 1))
  return { resultType: 'matrix', result }
}

function asSeries(value: Value): SeriesColumn[] {
  if (value.type === 'vector') return value.series
  return value.type === 'scalar' ? [{ labels: {}, values: value.values }] : []
}

function rawSamples(expression: Expression & { type: 'range' | 'subquery' }, context: Context) {
  const evaluateVector = (inner: Expression, at: Context): SeriesColumn[] => asSeries(evaluate(inner, at))
  return rangeWindows(expression, context, evaluateVector).flatMap(({ labels, windows: [window] }) => {
    if (window === undefined) return []
    const { timesMs, values, from, to } = window
    return [{ metric: labels, values: points(timesMs.slice(from, to), values.slice(from, to)) }]
  })
}

function points(timesMs: readonly number[], values: Readonly<Column>): Point[] {
  const found: Point[] = []
  for (const [index, atMs] of timesMs.entries()) {
    const value = values[index]
    if (value !== undefined) found.push(formatPoint(atMs, value))
  }
  return found
}
