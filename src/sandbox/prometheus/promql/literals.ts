const unitMs: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}
const durationShape = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/

/** Milliseconds of `1d12h`, or `undefined` for anything else: units must descend and appear once, numbers alone are none. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '' || !durationShape.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/g))
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return total
}

/** The value of an unsigned PromQL number, or `undefined`; a leading zero means octal where the digits allow it, as in Go. */
export function parseNumber(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text)
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8)
  if (!/^(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]?))/g

/** The content of a quoted PromQL string by Go's rules, or `undefined` when it is not closed or has an unknown escape. */
export function parseString(text: string): string | undefined {
  const quote = text[0]
  if (text.length < 2 || quote === undefined || text.at(-1) !== quote) return undefined
  const body = text.slice(1, -1)
  if (quote === '`') return body
  if (body.includes('\n')) return undefined
  let valid = true
  const content = body.replace(
    escapes,
    (_whole, x?: string, u?: string, U?: string, octal?: string, simple?: string) => {
      const code = octal === undefined ? Number.parseInt(x ?? u ?? U ?? '', 16) : Number.parseInt(octal, 8)
      if (code <= 0x10ffff) return String.fromCodePoint(code)
      const known = simple === quote ? quote : simpleEscapes[simple ?? '']
      valid &&= known !== undefined
      return known ?? ''
    },
  )
  return valid ? content : undefined
}
