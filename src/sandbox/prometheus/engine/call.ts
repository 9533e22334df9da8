import { type Call, type Expression, unwrapped } from '../promql/ast.ts'
import { unsupported } from '../promql/errors.ts'
import { histogramQuantile } from './histogram-quantile.ts'
import { selectInstant } from './instant-selector.ts'
import { labelReplace } from './label-replace.ts'
import { withoutName } from './labels.ts'
import { mergeEqualLabels } from './merge.ts'
import { notANumber } from './numbers.ts'
import { type RangeFunction, rangeFunctions } from './range-functions.ts'
import type { Context, SeriesColumn, Value } from './values.ts'
import { absent, sampleFunctions, sorted, toScalar } from './vector-functions.ts'
import { rangeWindows } from './windows.ts'

/** Passed in, because calls and the evaluator need each other. */
interface Evaluators {
  readonly evaluateVector: (expression: Expression, context: Context) => SeriesColumn[]
  readonly evaluateScalar: (expression: Expression, context: Context) => number[]
}

export function evaluateCall(call: Call, context: Context, evaluators: Evaluators): Value {
  const { evaluateVector, evaluateScalar } = evaluators
  const steps = context.stepsMs.length
  const vector = (index: number): SeriesColumn[] => evaluateVector(argument(call, index), context)
  const scalar = (index: number): number[] => evaluateScalar(argument(call, index), context)
  const text = (index: number): string => textOf(argument(call, index))

  const rangeFunction = rangeFunctions.get(call.name)
  if (rangeFunction) return { type: 'vector', series: overRange(call, rangeFunction, context, evaluators) }
  const sampleFunction = sampleFunctions.get(call.name)
  if (sampleFunction) {
    const parameters = call.args[1] ? scalar(1) : []
    return mapped(vector(0), (value, step) => sampleFunction(value, parameters[step] ?? 1))
  }
  switch (call.name) {
    case 'time':
      return { type: 'scalar', values: context.stepsMs.map((atMs) => atMs / 1000) }
    case 'vector':
      return { type: 'vector', series: [{ labels: {}, values: scalar(0) }] }
    case 'scalar':
      return { type: 'scalar', values: toScalar(vector(0), steps) }
    case 'absent':
      return { type: 'vector', series: absent(argument(call, 0), vector(0), steps) }
    case 'sort':
    case 'sort_desc':
      return { type: 'vector', series: sorted(vector(0), call.name === 'sort_desc') }
    case 'timestamp': {
      const inner = unwrapped(argument(call, 0))
      if (inner.type !== 'selector') return mapped(vector(0), (_, step) => (context.stepsMs[step] ?? 0) / 1000)
      const sampled = selectInstant(inner, context, (series, index) => (series.timesMs[index] ?? 0) / 1000)
      return mapped(sampled, (seconds) => seconds)
    }
    case 'histogram_quantile':
      return { type: 'vector', series: histogramQuantile(scalar(0), vector(1)) }
    case 'label_replace':
      return { type: 'vector', series: mergeEqualLabels(labelReplace(vector(0), text(1), text(2), text(3), text(4))) }
    default:
      throw unsupported(`function ${call.name}`)
  }
}

function overRange(
  { name, args }: Call,
  evaluateAt: RangeFunction,
  context: Context,
  { evaluateVector, evaluateScalar }: Evaluators,
): SeriesColumn[] {
  const range = args.map(unwrapped).find((arg) => arg.type === 'range' || arg.type === 'subquery')
  if (range?.type !== 'range' && range?.type !== 'subquery')
    throw new TypeError(`${name} passed the type check without a range vector.`)
  const other = args.find((arg) => unwrapped(arg) !== range)
  const parameters = other ? evaluateScalar(other, context) : []
  const series = rangeWindows(range, context, evaluateVector).map(({ labels, windows }): SeriesColumn => {
    const values = windows.map(
      (window, step) => window && evaluateAt(window, parameters[step] ?? notANumber, context.generation),
    )
    return { labels: name === 'last_over_time' ? labels : withoutName(labels), values }
  })
  return mergeEqualLabels(series, true)
}

function mapped(series: readonly SeriesColumn[], change: (value: number, step: number) => number): Value {
  const changed = series.map(({ labels, values }) => ({
    labels: withoutName(labels),
    values: values.map((value, step) => (value === undefined ? undefined : change(value, step))),
  }))
  return { type: 'vector', series: mergeEqualLabels(changed) }
}

function argument({ name, args }: Call, index: number): Expression {
  const found = args[index]
  if (found === undefined) throw new TypeError(`${name} passed the type check without argument ${index + 1}.`)
  return found
}

function textOf(expression: Expression): string {
  const inner = unwrapped(expression)
  if (inner.type !== 'string') throw new TypeError('A string argument passed the type check without being one.')
  return inner.value
}
