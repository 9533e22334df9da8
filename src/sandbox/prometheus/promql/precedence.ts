import type { Binary, BinaryOperator, Expression } from './ast.ts'
import { parseError } from './errors.ts'
import { typeProblem } from './type-check.ts'

interface Placed {
  /** Offset in the query. */
  readonly at: number
}
export interface Operand extends Placed {
  readonly kind: 'operand'
  readonly expression: Expression
}
interface Prefix extends Placed {
  readonly kind: 'prefix'
  readonly operator: '+' | '-'
}
interface Infix extends Placed, Pick<Binary, 'operator' | 'returnsBool' | 'matching'> {
  readonly kind: 'infix'
}
export type Item = Operand | Prefix | Infix

const levels: readonly (readonly BinaryOperator[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '>', '<', '>=', '<='],
  ['+', '-'],
  ['*', '/', '%'],
  ['^'],
]
const powerLevel = levels.length - 1
const levelOf = new Map(levels.flatMap((operators, level) => operators.map((operator) => [operator, level] as const)))

/**
 * Builds the tree of a flat sequence by precedence climbing, in Prometheus' order: `^` binds tighter than a sign and to the
 * right, everything else to the left. Throws `PromqlError` where operand types do not fit.
 */
export function climb(text: string, items: readonly Item[]): Expression {
  let next = 0

  const operand = (): Expression => {
    const item = items[next]
    next += 1
    if (item?.kind === 'operand') return item.expression
    if (item?.kind !== 'prefix') throw parseError(text, item?.at ?? text.length, 'expected an expression')
    return checked(item.at, { type: 'unary', operator: item.operator, operand: sequence(powerLevel) })
  }
  const sequence = (lowest: number): Expression => {
    const start = items[next]?.at ?? 0
    let left = operand()
    for (let item = items[next]; item?.kind === 'infix'; item = items[next]) {
      const level = levelOf.get(item.operator) ?? 0
      if (level < lowest) break
      next += 1
      const right = sequence(level === powerLevel ? level : level + 1)
      const { operator, returnsBool, matching } = item
      left = checked(start, { type: 'binary', operator, left, right, returnsBool, matching })
    }
    return left
  }
  const checked = (at: number, expression: Expression): Expression => {
    const problem = typeProblem(expression)
    if (problem !== undefined) throw parseError(text, at, problem)
    return expression
  }
  return sequence(0)
}
