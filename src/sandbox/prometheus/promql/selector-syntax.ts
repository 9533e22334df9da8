import type { LabelMatcher, VectorSelector } from './ast.ts'
import { PromqlError, parseError, unsupported } from './errors.ts'
import { parseString } from './literals.ts'
import { labelMatcher, selectorProblem } from './matchers.ts'
import { children, named, type SourceNode } from './syntax-node.ts'

const operators = ['=', '!=', '=~', '!~'] as const

/** Reads `name{label="value", …}`. */
export function convertSelector(source: SourceNode): VectorSelector {
  const { text, node, from } = source
  const [identifier] = named(text, node, 'Identifier')
  const [list] = named(text, node, 'LabelMatchers')
  const conditions = list ? children(text, list.node).map(convertMatcher) : []
  const nameTwice = identifier && conditions.find(({ name, operator }) => name === '__name__' && operator === '=')
  if (nameTwice)
    throw parseError(text, from, `metric name must not be set twice: "${identifier.content}" or "${nameTwice.value}"`)
  const matchers = identifier ? [labelMatcher('__name__', '=', identifier.content), ...conditions] : conditions
  const problem = selectorProblem(matchers)
  if (problem !== undefined) throw parseError(text, from, problem)
  return { type: 'selector', matchers }
}

function convertMatcher(source: SourceNode): LabelMatcher {
  const { text, node, from } = source
  if (node.name !== 'UnquotedLabelMatcher') throw unsupported('quoted metric and label names (Prometheus 3)')
  const [name] = named(text, node, 'LabelName')
  const [written] = named(text, node, 'MatchOp')
  const [literal] = named(text, node, 'StringLiteral')
  const operator = operators.find((known) => known === written?.content)
  const value = literal ? parseString(literal.content) : undefined
  if (name === undefined || operator === undefined || value === undefined)
    throw parseError(text, from, `cannot read label matcher ${source.content}`)
  try {
    return labelMatcher(name.content, operator, value)
  } catch (error) {
    if (error instanceof PromqlError && error.errorType === 'bad_data') throw parseError(text, from, error.message)
    throw error
  }
}
