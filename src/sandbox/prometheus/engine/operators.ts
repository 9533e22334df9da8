import type { BinaryOperator } from '../promql/ast.ts'

type Arithmetic = '+' | '-' | '*' | '/' | '%' | '^'
type Comparison = '==' | '!=' | '>' | '<' | '>=' | '<='

const arithmetic: Readonly<Record<Arithmetic, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
}

const comparisons: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
}

export function isComparison(operator: BinaryOperator): operator is Comparison {
  return Object.hasOwn(comparisons, operator)
}

/**
 * Applies an operator to two values. A comparison without `bool` gives `kept` where it holds and `undefined` where not,
 * with `bool` it gives 1 or 0.
 */
export function combine(
  operator: Exclude<BinaryOperator, 'and' | 'or' | 'unless'>,
  left: number,
  right: number,
  returnsBool: boolean,
  kept: number,
): number | undefined {
  if (!isComparison(operator)) return arithmetic[operator](left, right)
  const holds = comparisons[operator](left, right)
  if (returnsBool) return holds ? 1 : 0
  return holds ? kept : undefined
}

/** IEEE 754-2008 `pow`, as in Go: 1 to the power of anything is 1, where JavaScript answers NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}
