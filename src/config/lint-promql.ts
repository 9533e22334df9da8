import { parser } from '@prometheus-io/lezer-promql'

/** Where an expression does not parse, `offset` counted from its beginning, and why in words. */
export interface PromqlProblem {
  readonly offset: number
  readonly message: string
}

/** As long as `$selector`, so that offsets in the expression stay what they are. */
const STAND_IN = 'x="abcde"'

/** The first place at which an expression is no PromQL, by Prometheus' own grammar; `$selector` counts as label matchers. */
export function promqlProblem(expression: string): PromqlProblem | undefined {
  const text = expression.replaceAll('$selector', STAND_IN)
  const at = firstError(text)
  if (at === undefined) return undefined
  const rest = expression.slice(at)
  const variable = /^\$\w*/.exec(rest)?.[0]
  if (variable === '$selector') {
    return { offset: at, message: '$selector stands for label matchers and belongs between braces: metric{$selector}' }
  }
  if (variable !== undefined) return { offset: at, message: `only $selector is filled in, ${variable} is not` }
  if (rest.trim() === '') {
    return { offset: at, message: 'the PromQL expression ends too early; a bracket or an operand is missing' }
  }
  const token = /^(\w+|"[^"]*"|\S)/.exec(rest.trimStart())?.[0] ?? ''
  return { offset: at, message: `is not PromQL from "${token.slice(0, 40)}" on` }
}

/** The same for label matchers without braces, such as `namespace="ml",pod=~"web-.+"`. */
export function selectorProblem(selector: string): PromqlProblem | undefined {
  const opening = 'x{'
  const text = `${opening}${selector}}`
  const at = firstError(text)
  if (at === undefined && !closesBraces(text)) return undefined
  const offset = Math.min(Math.max(0, (at ?? opening.length) - opening.length), selector.length)
  return { offset, message: 'is not a list of label matchers such as namespace="ml",pod=~"web-.+"' }
}

/** `a="b"} or y{c="d"` and `a="b"} #` parse between braces, but would let an expression out of the service. */
function closesBraces(text: string): boolean {
  const ends: number[] = []
  parser.parse(text).iterate({
    enter: ({ name, to }) => {
      if (name === 'LabelMatchers') ends.push(to)
    },
  })
  return ends.length !== 1 || ends[0] !== text.length
}

function firstError(text: string): number | undefined {
  let first: number | undefined
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError && (first === undefined || from < first)) first = from
    },
  })
  return first
}
