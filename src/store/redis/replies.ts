/**
 * Answers of Redis, as what our own scripts and commands return. Anything else means that somebody else writes to our keys or that a script is wrong,
 * and throws a TypeError rather than become a record.
 */
export function textOf(reply: unknown): string {
  if (typeof reply === 'string') return reply
  if (typeof reply === 'number') return String(reply)
  throw new TypeError(`Redis answered with ${describe(reply)} where a text was expected.`)
}

export function optionalText(reply: unknown): string | undefined {
  return reply === null || reply === undefined ? undefined : textOf(reply)
}

export function numberOf(reply: unknown): number {
  const value = Number(textOf(reply))
  if (Number.isFinite(value)) return value
  throw new TypeError('Redis answered with a text where a number was expected.')
}

export function listOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  throw new TypeError(`Redis answered with ${describe(reply)} where a list was expected.`)
}

export function textsOf(reply: unknown): readonly string[] {
  return listOf(reply).map(textOf)
}

/** A flat list as pairs: of a hash, or of a sorted set with its scores. */
export function pairsOf(reply: unknown): readonly (readonly [string, string])[] {
  const flat = textsOf(reply)
  return flat.flatMap((text, index) => (index % 2 === 0 ? [[text, flat[index + 1] ?? ''] as const] : []))
}

function describe(reply: unknown): string {
  return Array.isArray(reply) ? 'a list' : reply === null ? 'nothing' : `a ${typeof reply}`
}
