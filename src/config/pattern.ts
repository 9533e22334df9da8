import { RE2JS } from 're2js'

const LONGEST = 200

/** A regular expression that was read; `test` finds it anywhere in a text, in time that grows with the text and no faster. */
export interface Pattern {
  test(text: string): boolean
}

/** Patterns come from runbooks, of which there are few; reading one takes longer than using it. */
const read = new Map<string, Pattern>()

/**
 * Reads a regular expression in RE2's syntax, as Prometheus and Grafana do: titles and labels come from outside, and whatever they are must not keep the
 * process busy, so there is no looking around and no referring back. Throws an error whose text is for people.
 */
export function readPattern(pattern: string): Pattern {
  const known = read.get(pattern)
  if (known !== undefined) return known
  const compiled = compile(pattern)
  if (typeof compiled === 'string') throw new TypeError(`The pattern ${JSON.stringify(pattern)} ${compiled}`)
  read.set(pattern, compiled)
  return compiled
}

/** Why an expression is not used, as the rest of a sentence. */
export function patternProblem(pattern: string): string | undefined {
  const compiled = compile(pattern)
  return typeof compiled === 'string' ? compiled : undefined
}

/** The expression, or why it is not used. */
function compile(pattern: string): Pattern | string {
  if (pattern.length > LONGEST) return `is a regular expression of ${pattern.length} characters; at most ${LONGEST}`
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    return `is not a regular expression: ${reason} (the syntax is RE2's, as in Prometheus)`
  }
}
