import type { Expression, RangeSelector, Subquery } from '../promql/ast.ts'
import type { Labels } from './labels.ts'
import { firstAfter, firstAtOrAfter } from './search.ts'
import { shiftedSteps } from './time-shift.ts'
import { type Context, defaultSubqueryStepMs, type SeriesColumn } from './values.ts'

/** The samples from `from` up to (not including) `to`, seen at one evaluation step. */
export interface RangeWindow {
  readonly timesMs: readonly number[]
  readonly values: readonly number[]
  readonly from: number
  readonly to: number
  /** The range's own edges, which may lie outside its samples. */
  readonly startMs: number
  readonly endMs: number
  /** The evaluation time, before `offset` and `@`. */
  readonly atMs: number
}

interface RangeSeries {
  readonly labels: Labels
  /** One window per step, `undefined` where it holds no sample. */
  readonly windows: (RangeWindow | undefined)[]
}

/** Evaluates a vector expression at other steps; passed in, because subqueries and the evaluator need each other. */
export type EvaluateVector = (expression: Expression, context: Context) => SeriesColumn[]

export function rangeWindows(
  source: RangeSelector | Subquery,
  context: Context,
  evaluateVector: EvaluateVector,
): RangeSeries[] {
  const ends = shiftedSteps(source.type === 'range' ? source.selector : source, context)
  const data = source.type === 'range' ? context.store.select(source.selector.matchers) : resample(source, ends)
  const firstInside = context.generation === 2 ? firstAtOrAfter : firstAfter

  return data.map(({ labels, timesMs, values }) => {
    let from = 0
    let to = 0
    const windows = ends.map((endMs, step) => {
      const startMs = endMs - source.rangeMs
      from = firstInside(timesMs, startMs, from)
      to = firstAfter(timesMs, endMs, to)
      const atMs = context.stepsMs[step] ?? endMs
      return from < to ? { timesMs, values, from, to, startMs, endMs, atMs } : undefined
    })
    return { labels, windows }
  })

  /** Runs the inner expression at multiples of the step, so that answers do not depend on when they are asked for. */
  function resample({ inner, rangeMs, stepMs = defaultSubqueryStepMs }: Subquery, stepsMs: readonly number[]) {
    const earliest = (stepsMs[0] ?? 0) - rangeMs
    const latest = stepsMs.at(-1) ?? 0
    const innerSteps: number[] = []
    for (let atMs = Math.ceil(earliest / stepMs) * stepMs; atMs <= latest; atMs += stepMs) innerSteps.push(atMs)
    return evaluateVector(inner, { ...context, stepsMs: innerSteps }).map(({ labels, values }) => ({
      labels,
      timesMs: innerSteps.filter((_, step) => values[step] !== undefined),
      values: values.filter((value) => value !== undefined),
    }))
  }
}
