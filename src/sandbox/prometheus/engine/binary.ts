import type { Binary } from '../promql/ast.ts'
import { withoutName } from './labels.ts'
import { matchVectors } from './match-vectors.ts'
import { mergeEqualLabels } from './merge.ts'
import { combine, isComparison } from './operators.ts'
import { combineSets } from './set-operators.ts'
import type { SeriesColumn, Value } from './values.ts'

/** Applies a binary operator to two evaluated sides. Throws `PromqlError` for label sets that do not pair up. */
export function evaluateBinary(expression: Binary, left: Value, right: Value): Value {
  const { operator, returnsBool } = expression
  if (left.type === 'vector' && right.type === 'vector') {
    const isSetOperator = operator === 'and' || operator === 'or' || operator === 'unless'
    const series = isSetOperator
      ? combineSets(operator, left.series, right.series, expression.matching)
      : matchVectors({ ...expression, operator }, left.series, right.series)
    return { type: 'vector', series: mergeEqualLabels(series) }
  }
  // The type check lets set operators through between vectors only.
  if (operator === 'and' || operator === 'or' || operator === 'unless') return { type: 'vector', series: [] }
  if (left.type === 'scalar' && right.type === 'scalar') {
    const values = left.values.map((value, step) => combine(operator, value, right.values[step] ?? 0, true, value) ?? 0)
    return { type: 'scalar', values }
  }
  const vector = left.type === 'vector' ? left.series : right.type === 'vector' ? right.series : []
  const dropsName = returnsBool || !isComparison(operator)
  const series = vector.map(({ labels, values }): SeriesColumn => {
    const combined = values.map((value, step) => {
      if (value === undefined) return undefined
      const l = left.type === 'scalar' ? (left.values[step] ?? 0) : value
      const r = right.type === 'scalar' ? (right.values[step] ?? 0) : value
      return combine(operator, l, r, returnsBool, value)
    })
    return { labels: dropsName ? withoutName(labels) : labels, values: combined }
  })
  return { type: 'vector', series: mergeEqualLabels(series) }
}
