export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '=='
  | '!='
  | '>'
  | '<'
  | '>='
  | '<='
  | 'and'
  | 'or'
  | 'unless'

type AggregateOperator = 'sum' | 'max' | 'min' | 'avg' | 'count' | 'group' | 'topk' | 'bottomk' | 'quantile' | 'stddev'

/** One condition on a label; `test` decides on the label's value, the empty text standing for an absent label. */
export interface LabelMatcher {
  readonly name: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
  test(value: string): boolean
}

/** What the `@` modifier pins the evaluation to. */
type PinnedTime = { readonly atMs: number } | 'start' | 'end'

/** `undefined` tells "not written", so that a second `offset` or `@` can be refused. */
export interface TimeShift {
  readonly offsetMs?: number
  readonly pinned?: PinnedTime
}

export interface VectorSelector extends TimeShift {
  readonly type: 'selector'
  readonly matchers: readonly LabelMatcher[]
}

export interface RangeSelector {
  readonly type: 'range'
  readonly selector: VectorSelector
  readonly rangeMs: number
}

export interface Subquery extends TimeShift {
  readonly type: 'subquery'
  readonly inner: Expression
  readonly rangeMs: number
  /** `undefined`: the server's default, its evaluation interval. */
  readonly stepMs: number | undefined
}

export interface VectorMatching {
  readonly on: boolean
  readonly labels: readonly string[]
  readonly group: 'left' | 'right' | undefined
  /** Labels that `group_left` or `group_right` copies from the "one" side. */
  readonly include: readonly string[]
}

export interface Binary {
  readonly type: 'binary'
  readonly operator: BinaryOperator
  readonly left: Expression
  readonly right: Expression
  readonly returnsBool: boolean
  /** `undefined`: not written, so all labels but the name must agree. */
  readonly matching: VectorMatching | undefined
}

export interface Aggregate {
  readonly type: 'aggregate'
  readonly operator: AggregateOperator
  readonly parameter: Expression | undefined
  readonly operand: Expression
  readonly labels: readonly string[]
  readonly without: boolean
}

export interface Call {
  readonly type: 'call'
  readonly name: string
  readonly args: readonly Expression[]
}

export type Expression =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'paren'; readonly inner: Expression }
  | { readonly type: 'unary'; readonly operator: '+' | '-'; readonly operand: Expression }
  | VectorSelector
  | RangeSelector
  | Subquery
  | Binary
  | Aggregate
  | Call

/** Strips parentheses, which carry no meaning once the tree stands. */
export function unwrapped(expression: Expression): Expression {
  return expression.type === 'paren' ? unwrapped(expression.inner) : expression
}
