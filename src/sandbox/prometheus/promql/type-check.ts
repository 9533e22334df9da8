import type { Aggregate, Binary, Call, Expression } from './ast.ts'
import { signatures, type ValueType } from './signatures.ts'

/** The kind of value an expression yields. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.type) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'paren':
      return typeOf(expression.inner)
    case 'unary':
      return typeOf(expression.operand)
    case 'selector':
    case 'aggregate':
      return 'instant vector'
    case 'range':
    case 'subquery':
      return 'range vector'
    case 'call':
      return signatures.get(expression.name)?.returns ?? 'instant vector'
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'instant vector'
  }
}

/** Why Prometheus refuses this node, its children taken as checked, or `undefined`. */
export function typeProblem(expression: Expression): string | undefined {
  switch (expression.type) {
    case 'unary':
      return isOperand(expression.operand)
        ? undefined
        : `unary expression only allowed on expressions of type scalar or instant vector, got "${typeOf(expression.operand)}"`
    case 'subquery':
      return typeOf(expression.inner) === 'instant vector'
        ? undefined
        : `subquery is only allowed on instant vector, got ${typeOf(expression.inner)} instead`
    case 'binary':
      return binaryProblem(expression)
    case 'aggregate':
      return aggregateProblem(expression)
    case 'call':
      return callProblem(expression)
    case 'number':
    case 'string':
    case 'paren':
    case 'selector':
    case 'range':
      return undefined
  }
}

const comparisons = new Set(['==', '!=', '>', '<', '>=', '<='])
const setOperators = new Set(['and', 'or', 'unless'])

function isOperand(expression: Expression): boolean {
  const type = typeOf(expression)
  return type === 'scalar' || type === 'instant vector'
}

function binaryProblem({ operator, left, right, returnsBool, matching }: Binary): string | undefined {
  if (!isOperand(left) || !isOperand(right))
    return 'binary expression must contain only scalar and instant vector types'
  const isComparison = comparisons.has(operator)
  if (returnsBool && !isComparison) return 'bool modifier can only be used on comparison operators'
  const scalars = [left, right].filter((side) => typeOf(side) === 'scalar').length
  if (isComparison && !returnsBool && scalars === 2) return 'comparisons between scalars must use BOOL modifier'
  if (scalars > 0 && matching?.labels.length) return 'vector matching only allowed between instant vectors'
  if (!setOperators.has(operator)) {
    const twice = matching?.on ? matching.include.find((label) => matching.labels.includes(label)) : undefined
    return twice === undefined ? undefined : `label "${twice}" must not occur in ON and GROUP clause at once`
  }
  if (scalars > 0) return `set operator "${operator}" not allowed in binary scalar expression`
  return matching?.group === undefined ? undefined : `no grouping allowed for "${operator}" operation`
}

const parametrized = new Set(['topk', 'bottomk', 'quantile'])

function aggregateProblem({ operator, operand, parameter }: Aggregate): string | undefined {
  if (typeOf(operand) !== 'instant vector')
    return `expected type instant vector in aggregation expression, got ${typeOf(operand)}`
  if (!parametrized.has(operator) || parameter === undefined || typeOf(parameter) === 'scalar') return undefined
  return `expected type scalar in aggregation parameter, got ${typeOf(parameter)}`
}

/** How many arguments the aggregation takes, its operand included. */
export function aggregateArity(operator: string): 1 | 2 {
  return parametrized.has(operator) ? 2 : 1
}

function callProblem({ name, args }: Call): string | undefined {
  const signature = signatures.get(name)
  if (signature === undefined) return undefined
  const most = signature.args.length
  if (args.length < most - signature.optional || args.length > most)
    return `expected ${most} argument(s) in call to "${name}", got ${args.length}`
  for (const [index, arg] of args.entries()) {
    const expected = signature.args[index]
    if (expected !== typeOf(arg)) return `expected type ${expected} in call to function "${name}", got ${typeOf(arg)}`
  }
  return undefined
}
