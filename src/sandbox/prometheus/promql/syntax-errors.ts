import type { Tree } from '@lezer/common'
import { type PromqlError, parseError, unsupported } from './errors.ts'

/** Deeper trees would exhaust the stack of the recursive steps that follow. */
const depthLimit = 1000

/** Throws for the first place where the recovering grammar had to skip or invent something. */
export function refuseSyntaxErrors(text: string, tree: Tree): void {
  let depth = 0
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) throw syntaxError(text, node.from, node.to)
      depth += 1
      if (depth > depthLimit) throw unsupported(`expressions nested deeper than ${depthLimit} levels`)
    },
    leave: () => {
      depth -= 1
    },
  })
}

function syntaxError(text: string, from: number, to: number): PromqlError {
  if (text.trim() === '') return parseError(text, 0, 'no expression found in input')
  // The grammar lists the functions of the newest Prometheus by name; another name before a parenthesis is a selector to it.
  const called = text[from] === '(' ? /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, from)) : null
  if (called?.[1] === 'holt_winters') return unsupported('function holt_winters')
  if (called) return parseError(text, called.index, `unknown function with name "${called[1]}"`)
  if (from >= text.length) return parseError(text, from, 'unexpected end of input')
  return parseError(text, from, `unexpected ${JSON.stringify(text.slice(from, Math.max(to, from + 1)))}`)
}
