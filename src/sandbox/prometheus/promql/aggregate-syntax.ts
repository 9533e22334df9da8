import type { Aggregate, Expression } from './ast.ts'
import { groupingLabels } from './binary-syntax.ts'
import { parseError, unsupported } from './errors.ts'
import { children, named, type SourceNode } from './syntax-node.ts'
import { aggregateArity } from './type-check.ts'

const operators = ['sum', 'max', 'min', 'avg', 'count', 'group', 'topk', 'bottomk', 'quantile', 'stddev'] as const

/** Reads `sum by (a) (x)` in either order; `convert` turns the argument nodes into expressions. */
export function convertAggregate(source: SourceNode, convert: (argument: SourceNode) => Expression): Aggregate {
  const { text, node, from } = source
  const [written] = named(text, node, 'AggregateOp')
  const operator = operators.find((known) => known === written?.content.toLowerCase())
  if (operator === undefined) throw unsupported(`aggregation ${written?.content}`)
  const [body] = named(text, node, 'FunctionCallBody')
  const args = body ? children(text, body.node).map(convert) : []
  const wanted = aggregateArity(operator)
  const operand = args.at(-1)
  if (operand === undefined || args.length !== wanted)
    throw parseError(
      text,
      from,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    )
  const [modifier] = named(text, node, 'AggregateModifier')
  const [labels] = modifier ? named(text, modifier.node, 'GroupingLabels') : []
  return {
    type: 'aggregate',
    operator,
    parameter: wanted === 2 ? args[0] : undefined,
    operand,
    labels: labels ? groupingLabels(labels) : [],
    without: modifier?.node.getChild('Without') != null,
  }
}
