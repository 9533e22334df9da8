/** What a mapping or a list is made of while it is read. */
export type Holder = Record<string, unknown> | unknown[]

/** A value, and the place in its line behind it. */
interface Read {
  readonly value: unknown
  readonly end: number
}

const DEEPEST_BRACKETS = 16

const SPACES = / */y
const COMMA = / *, */y
const END = / *$| +#/y
const KEY = /(\w[\w./-]*): +/y
const SINGLE_QUOTED = /'(?:[^']|'')*'/y
/** With the escapes that JSON and YAML share. */
const DOUBLE_QUOTED = /"(?:[^"\\]|\\["\\/bfnrt])*"/y
const TEXT = /[\w$/.~](?:[^ :]| +(?=[^ #])|:(?=[^ ]))*/y
/** Commas and brackets end it. */
const TEXT_IN_BRACKETS = /[\w$/.~](?:[^ :,[\]{}]| +(?=[^ #:,[\]{}])|:(?=[\w/]))*/y
const UNUSUAL_NUMBER = /^(?:0[ox][\da-fA-F]+|\d*\.?\d*(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF|nan|NaN|NAN))$/

/** What stands in a line from `at` to its end, without the comment behind it. Undefined where only the whole parser can say. */
export function readValue(line: string, at: number): Read | undefined {
  const found = readDelimited(line, at, 0) ?? read(TEXT, scalar, line, at)
  return found !== undefined && match(END, line, found.end) !== undefined ? found : undefined
}

/** Puts a value into a list, or into a mapping; false where that has such a key already or must not have it. */
export function put(holder: Holder, key: string | number, value: unknown): boolean {
  if (key === '__proto__' || Object.hasOwn(holder, key)) return false
  set(holder, key, value)
  return true
}

export function set(holder: Holder, key: string | number, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(key)] = value
  else holder[key] = value
}

/** What a sticky pattern finds at a place. */
export function match(pattern: RegExp, line: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(line) ?? undefined
}

function readDelimited(line: string, at: number, depth: number): Read | undefined {
  switch (line[at] ?? '') {
    case "'":
      return read(SINGLE_QUOTED, (text) => text.slice(1, -1).replaceAll("''", "'"), line, at)
    case '"':
      return read(DOUBLE_QUOTED, (text) => JSON.parse(text), line, at)
    case '[':
      return readBrackets([], ']', line, at, depth)
    case '{':
      return readBrackets({}, '}', line, at, depth)
    default:
      return undefined
  }
}

/** What a pattern finds, as the value that it stands for. */
function read(pattern: RegExp, meaning: (text: string) => unknown, line: string, at: number): Read | undefined {
  const text = match(pattern, line, at)?.[0]
  const value = text === undefined ? undefined : meaning(text)
  return text === undefined || value === undefined ? undefined : { value, end: at + text.length }
}

function readBrackets(holder: Holder, close: string, line: string, at: number, depth: number): Read | undefined {
  if (depth > DEEPEST_BRACKETS) return undefined
  let end = at + 1 + length(SPACES, line, at + 1)
  while (line[end] !== close) {
    const key = Array.isArray(holder) ? (['', holder.length] as const) : match(KEY, line, end)
    if (key?.[1] === undefined) return undefined
    const from = end + key[0].length
    const inner = readDelimited(line, from, depth + 1) ?? read(TEXT_IN_BRACKETS, scalar, line, from)
    if (inner === undefined || !put(holder, key[1], inner.value)) return undefined
    const comma = length(COMMA, line, inner.end)
    end = inner.end + (comma || length(SPACES, line, inner.end))
    if (comma === 0 && line[end] !== close) return undefined
  }
  return { value: holder, end: end + 1 }
}

function length(pattern: RegExp, line: string, at: number): number {
  return match(pattern, line, at)?.[0].length ?? 0
}

/** What the core schema of YAML 1.2 makes of unquoted text; undefined for numbers that are not written in the usual way. */
function scalar(text: string): string | number | boolean | null | undefined {
  if (/^(?:~|[Nn]ull|NULL)$/.test(text)) return null
  if (/^(?:[Tt]rue|TRUE)$/.test(text)) return true
  if (/^(?:[Ff]alse|FALSE)$/.test(text)) return false
  if (/^\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text)
  return UNUSUAL_NUMBER.test(text) ? undefined : text
}
