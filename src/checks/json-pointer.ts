/** A JSON pointer: empty for the whole document, else "/a/0/b" with "~1" for a slash and "~0" for a tilde in a name (RFC 6901). */
export const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/

/** The value that a pointer names; `found` is false where the document has none there. `pointer` matches `JSON_POINTER`. */
export function resolvePointer(
  document: unknown,
  pointer: string,
): { readonly found: boolean; readonly value?: unknown } {
  let value = document
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!has(value, name)) return { found: false }
    value = (value as Record<string, unknown>)[name] // an own property, as `has` made sure
  }
  return { found: true, value }
}

function has(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  // An array's length is its own property too, but no element.
  if (Array.isArray(value) && !/^(?:0|[1-9]\d*)$/.test(name)) return false
  return Object.hasOwn(value, name)
}
