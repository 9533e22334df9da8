import { type Expression, unwrapped } from '../promql/ast.ts'
import { aggregate } from './aggregate.ts'
import { evaluateBinary } from './binary.ts'
import { evaluateCall } from './call.ts'
import { selectInstant } from './instant-selector.ts'
import { withoutName } from './labels.ts'
import { mergeEqualLabels } from './merge.ts'
import type { Context, SeriesColumn, Value } from './values.ts'

/** Evaluates a checked expression at every step. Range vectors have no value of their own: their functions read windows. */
export function evaluate(expression: Expression, context: Context): Value {
  switch (expression.type) {
    case 'number':
      return { type: 'scalar', values: context.stepsMs.map(() => expression.value) }
    case 'string':
      return { type: 'string', value: expression.value }
    case 'paren':
      return evaluate(unwrapped(expression), context)
    case 'unary':
      return signed(expression.operator, evaluate(expression.operand, context))
    case 'selector':
      return { type: 'vector', series: selectInstant(expression, context) }
    case 'binary':
      return evaluateBinary(expression, evaluate(expression.left, context), evaluate(expression.right, context))
    case 'aggregate': {
      const series = evaluateVector(expression.operand, context)
      const parameters = expression.parameter ? evaluateScalar(expression.parameter, context) : []
      return { type: 'vector', series: aggregate(expression, series, parameters) }
    }
    case 'call':
      return evaluateCall(expression, context, { evaluateVector, evaluateScalar })
    case 'range':
    case 'subquery':
      throw new TypeError('A range vector was evaluated where the type check allows none.')
  }
}

function evaluateVector(expression: Expression, context: Context): SeriesColumn[] {
  const value = evaluate(expression, context)
  if (value.type !== 'vector') throw new TypeError(`A ${value.type} stands where the type check wants a vector.`)
  return value.series
}

function evaluateScalar(expression: Expression, context: Context): number[] {
  const value = evaluate(expression, context)
  if (value.type !== 'scalar') throw new TypeError(`A ${value.type} stands where the type check wants a scalar.`)
  return value.values
}

function signed(operator: '+' | '-', value: Value): Value {
  if (operator === '+' || value.type === 'string') return value
  if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((number) => -number) }
  const negated = value.series.map(({ labels, values }) => ({
    labels: withoutName(labels),
    values: values.map((number) => (number === undefined ? undefined : -number)),
  }))
  return { type: 'vector', series: mergeEqualLabels(negated, true) }
}
