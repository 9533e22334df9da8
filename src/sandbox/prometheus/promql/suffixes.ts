import type { Expression, RangeSelector, Subquery, TimeShift, VectorSelector } from './ast.ts'
import { type PromqlError, parseError, unsupported } from './errors.ts'
import { parseDurationMs, parseNumber } from './literals.ts'
import { children, type SourceNode } from './syntax-node.ts'
import { typeProblem } from './type-check.ts'

interface Place {
  readonly text: string
  readonly at: number
}
/** The nodes of the grammar behind the expression that a suffix belongs to. */
type Suffix = readonly SourceNode[]

/** `… [5m]`. Throws `PromqlError` unless it follows a bare selector. */
export function withRange(expression: Expression, suffix: Suffix, place: Place): RangeSelector {
  if (expression.type !== 'selector') throw refusal(place, 'ranges only allowed for vector selectors')
  if (expression.offsetMs !== undefined) throw refusal(place, 'no offset modifiers allowed before range')
  if (expression.pinned !== undefined) throw refusal(place, 'no @ modifiers allowed before range')
  return { type: 'range', selector: expression, rangeMs: durationOf(suffix[0], place) }
}

/** `… [1h:1m]`. Throws `PromqlError` unless it follows an instant vector. */
export function withSubquery(inner: Expression, suffix: Suffix, place: Place): Subquery {
  const stepMs = suffix[1] ? durationOf(suffix[1], place) : undefined
  const subquery: Subquery = { type: 'subquery', inner, rangeMs: durationOf(suffix[0], place), stepMs }
  const problem = typeProblem(subquery)
  if (problem !== undefined) throw refusal(place, problem)
  return subquery
}

/** `… offset 5m`, also negative. */
export function withOffset(expression: Expression, suffix: Suffix, place: Place): Expression {
  const duration = suffix.find(({ node }) => node.name === 'OffsetDurationExpr')
  const [sign, inner] = duration ? children(duration.text, duration.node) : []
  const offsetMs = sign?.node.name === 'UnaryOp' ? signed(sign, durationOf(inner, place)) : durationOf(duration, place)
  return shifted(expression, 'offset', { offsetMs }, place)
}

/** `… @ 1609746000`, `… @ start()`, `… @ end()`. */
export function withPin(expression: Expression, suffix: Suffix, place: Place): Expression {
  const [, time] = suffix
  const content = time?.content.toLowerCase() ?? ''
  if (content === 'start' || content === 'end') return shifted(expression, '@', { pinned: content }, place)
  const unsigned = parseNumber(content.replace(/^[+-]\s*/, ''))
  if (unsigned === undefined || !Number.isFinite(unsigned))
    throw refusal(place, 'timestamp out of bounds for @ modifier')
  const atMs = Math.round(unsigned * 1000) * (content.startsWith('-') ? -1 : 1)
  return shifted(expression, '@', { pinned: { atMs } }, place)
}

function shifted(expression: Expression, modifier: 'offset' | '@', shift: TimeShift, place: Place): Expression {
  const target = expression.type === 'range' ? expression.selector : expression
  if (target.type !== 'selector' && target.type !== 'subquery')
    throw refusal(
      place,
      `${modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery`,
    )
  const already = modifier === 'offset' ? target.offsetMs : target.pinned
  if (already !== undefined) throw refusal(place, `${modifier} may not be set multiple times`)
  if (expression.type === 'range') return { ...expression, selector: withShift(expression.selector, shift) }
  return { ...target, ...shift }
}

function withShift(selector: VectorSelector, shift: TimeShift): VectorSelector {
  return { ...selector, ...shift }
}

function durationOf(source: SourceNode | undefined, place: Place): number {
  const content = source?.content ?? ''
  const durationMs = parseDurationMs(content)
  // Prometheus 2 refuses even `offset 0s`.
  if (durationMs === 0) throw refusal(place, 'duration must be greater than 0')
  if (durationMs !== undefined) return durationMs
  if (content === '') throw refusal(place, 'missing duration')
  throw unsupported(`"${content}" as a duration (Prometheus 3)`)
}

function signed(sign: SourceNode, durationMs: number): number {
  return sign.content === '-' ? -durationMs : durationMs
}

function refusal({ text, at }: Place, problem: string): PromqlError {
  return parseError(text, at, problem)
}
