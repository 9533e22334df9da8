import { parser } from '@prometheus-io/lezer-promql'
import { convertAggregate } from './aggregate-syntax.ts'
import type { Expression } from './ast.ts'
import { binaryModifiers, binaryOperator } from './binary-syntax.ts'
import { parseError, unsupported } from './errors.ts'
import { parseNumber, parseString } from './literals.ts'
import { climb, type Item, type Operand } from './precedence.ts'
import { convertSelector } from './selector-syntax.ts'
import { signatures } from './signatures.ts'
import { withOffset, withPin, withRange, withSubquery } from './suffixes.ts'
import { refuseSyntaxErrors } from './syntax-errors.ts'
import { children, type SourceNode } from './syntax-node.ts'
import { typeProblem } from './type-check.ts'

/**
 * Parses and type-checks PromQL with the official grammar. That grammar is made for editors: it recovers from errors
 * and lets `offset`, `@` and `[…]` swallow a whole binary expression, so operators are put in order here once more,
 * by the precedence of Prometheus' own parser. Throws `PromqlError`: `bad_data` for a wrong text, `execution` for what
 * this stand-in does not know.
 */
export function parsePromql(text: string): Expression {
  const tree = parser.parse(text)
  refuseSyntaxErrors(text, tree)
  const [root] = children(text, tree.topNode)
  if (root === undefined) throw parseError(text, 0, 'no expression found in input')
  return convert(root)
}

function convert(source: SourceNode): Expression {
  return climb(source.text, flatten(source))
}

/** The operands and operators of one level in the order in which they are written. */
function flatten(source: SourceNode): Item[] {
  const [first, second] = children(source.text, source.node)
  switch (source.node.name) {
    case 'BinaryExpr': {
      const parts = children(source.text, source.node)
      const [left, operator, ...rest] = parts
      const right = rest.pop()
      if (left === undefined || operator === undefined || right === undefined) break
      const infix: Item = {
        kind: 'infix',
        at: operator.from,
        operator: binaryOperator(operator),
        ...binaryModifiers(rest),
      }
      return [...flatten(left), infix, ...flatten(right)]
    }
    case 'UnaryExpr':
      if (first === undefined || second === undefined) break
      return [{ kind: 'prefix', at: first.from, operator: first.content === '-' ? '-' : '+' }, ...flatten(second)]
    case 'NumberDurationLiteral':
      return numberItems(source)
    case 'OffsetExpr':
    case 'StepInvariantExpr':
    case 'MatrixSelector':
    case 'SubqueryExpr':
      return suffixed(source)
    default:
      return [{ kind: 'operand', at: source.from, expression: convertOperand(source) }]
  }
  throw parseError(source.text, source.from, 'incomplete expression')
}

/** The grammar takes a sign into the number, but `-2 ^ 2` is `-(2 ^ 2)`. */
function numberItems({ text, from, content }: SourceNode): Item[] {
  const sign = content[0] === '-' || content[0] === '+' ? content[0] : undefined
  const digits = (sign ? content.slice(1) : content).trim()
  const value = parseNumber(digits)
  if (value === undefined && /^\d.*[a-z]$/.test(digits))
    throw unsupported(`the duration ${digits} as a number (Prometheus 3)`)
  if (value === undefined) throw parseError(text, from, `error parsing number: ${digits}`)
  const operand: Item = { kind: 'operand', at: from, expression: { type: 'number', value } }
  return sign ? [{ kind: 'prefix', at: from, operator: sign }, operand] : [operand]
}

function suffixed(source: SourceNode): Item[] {
  const [inner, ...suffix] = children(source.text, source.node)
  const items = inner ? flatten(inner) : []
  const last = items.pop()
  if (last?.kind !== 'operand') throw parseError(source.text, source.from, 'a modifier without an expression')
  return [...items, { ...last, expression: applySuffix(source, last, suffix) }]
}

function applySuffix(source: SourceNode, { at, expression }: Operand, suffix: readonly SourceNode[]): Expression {
  const place = { text: source.text, at }
  switch (source.node.name) {
    case 'OffsetExpr':
      return withOffset(expression, suffix, place)
    case 'StepInvariantExpr':
      return withPin(expression, suffix, place)
    case 'MatrixSelector':
      return withRange(expression, suffix, place)
    default:
      return withSubquery(expression, suffix, place)
  }
}

function convertOperand(source: SourceNode): Expression {
  const parts = children(source.text, source.node)
  switch (source.node.name) {
    case 'ParenExpr': {
      const [inner] = parts
      if (inner === undefined) break
      return { type: 'paren', inner: convert(inner) }
    }
    case 'StringLiteral': {
      const value = parseString(source.content)
      if (value === undefined) break
      return { type: 'string', value }
    }
    case 'VectorSelector':
      return convertSelector(source)
    case 'AggregateExpr':
      return checked(source, convertAggregate(source, convert))
    case 'FunctionCall': {
      const [name, body] = parts
      if (name === undefined || body === undefined) break
      if (!signatures.has(name.content)) throw unsupported(`function ${name.content}`)
      return checked(source, { type: 'call', name: name.content, args: children(body.text, body.node).map(convert) })
    }
    default:
      throw unsupported(source.node.name)
  }
  throw parseError(source.text, source.from, `cannot read ${source.content}`)
}

function checked(source: SourceNode, expression: Expression): Expression {
  const problem = typeProblem(expression)
  if (problem !== undefined) throw parseError(source.text, source.from, problem)
  return expression
}
