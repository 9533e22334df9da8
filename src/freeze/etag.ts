import { createHash } from 'node:crypto'

/** Weak, since the moment of the answer is part of the body and not of what is compared (RFC 9110 §8.8.1). */
export function etagOf(content: object): string {
  return `W/"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 27)}"`
}

/** Whether `If-None-Match` names the tag, by the weak comparison that it asks for (RFC 9110 §13.1.2). */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (tag: string): string => tag.replace(/^W\//, '')
  return (ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag))
}
