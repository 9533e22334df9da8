import { PromqlError, unsupported } from './errors.ts'

/**
 * Compiles the part of RE2's syntax that JavaScript reads the same way, matching whole values only.
 * Throws `bad_data` for what RE2 refuses (look-arounds, back-references, broken syntax)
 * and an "unsupported" error for RE2 syntax that JavaScript would silently read differently.
 */
export function compileRegex(source: string): RegExp {
  const flags = /^\(\?([is]+)\)/.exec(source)
  const body = flags ? source.slice(flags[0].length) : source
  const refusal = foreignSyntax(body)
  if (refusal) throw refusal
  const pattern = body.replaceAll('(?P<', '(?<')
  try {
    return new RegExp(`^(?:${pattern})$`, flags?.[1] ?? '')
  } catch (cause) {
    throw invalidRegex(source, cause instanceof Error ? cause.message : 'broken syntax')
  }
}

function foreignSyntax(source: string): PromqlError | undefined {
  // Each token is consumed whole, so that an escaped backslash or bracket cannot start another one.
  for (const [token] of source.matchAll(/\\[\s\S]?|\(\?(?:P?<.|[^)]?)|\[\[:|\{\d+(?:,\d*)?\}|[*+?}]\+/g)) {
    if (/^\\(?:[dDwWsSbBnrtfv]|[^A-Za-z0-9\s])$/.test(token) || /^\(\?(?::|P<\w)/.test(token)) continue
    if (token.startsWith('{')) {
      if (Math.max(...(token.match(/\d+/g) ?? []).map(Number)) > 1000)
        return invalidRegex(source, 'repeat count above 1000')
      continue
    }
    if (/^\\[1-9]?$/.test(token)) return invalidRegex(source, `invalid escape sequence ${token}`)
    if (/^\(\?(?:[=!]|<[=!])/.test(token)) return invalidRegex(source, `invalid or unsupported Perl syntax ${token}`)
    if (/^[*+?}]\+$/.test(token)) return invalidRegex(source, `invalid nested repetition operator ${token}`)
    return unsupported(`regular expression syntax ${token}`)
  }
  return undefined
}

function invalidRegex(source: string, problem: string): PromqlError {
  return new PromqlError('bad_data', `error parsing regexp: ${problem} in \`${source}\``)
}
