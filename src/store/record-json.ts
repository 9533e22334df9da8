/**
 * Records as JSON text. The domain knows no `null`: an undefined field is left out, an undefined array element is written as
 * `null` and read back as undefined. Whatever JSON would change silently (NaN, Infinity, Date, Map, functions) throws a TypeError
 * that names the place.
 */
export function encodeRecord(value: unknown): string {
  if (!isPlain(value)) requirePlain(value, 'record')
  return JSON.stringify(value)
}

/** Reads what `encodeRecord` wrote; the caller names the type that it wrote. */
export function decodeRecord<T>(text: string): T {
  const value: unknown = JSON.parse(text)
  if (text.includes('null')) restoreGaps(value)
  // Written by encodeRecord from a T: the store's files are its own, and foreign ones are refused when opened.
  return value as T
}

/**
 * One spelling for equal values, so that a hash over it can be recomputed by anyone: keys sorted by UTF-16 code units, no white
 * space, numbers and strings as JSON.stringify writes them (RFC 8785). Undefined as in `encodeRecord`.
 */
export function canonicalJson(value: unknown): string {
  if (!isPlain(value)) requirePlain(value, 'record')
  return canonical(value)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`
}

/** As `requirePlain`, without the place, which would cost more than the encoding. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.every(isPlain)
  return isPlainObject(value) && Object.values(value).every(isPlain)
}

/** Throws with the place of whatever JSON would change. */
function requirePlain(value: unknown, place: string): void {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${place} is ${value}, which cannot be stored.`)
    return
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) requirePlain(element, `${place}[${index}]`)
    return
  }
  if (typeof value !== 'object') throw new TypeError(`${place} is a ${typeof value}, which cannot be stored.`)
  if (!isPlainObject(value)) throw new TypeError(`${place} is a ${value.constructor.name}, which cannot be stored.`)
  for (const [key, field] of Object.entries(value)) requirePlain(field, `${place}.${key}`)
}

// Jest and worker threads have several `Object`s, so the prototype is recognised by its own prototype, not by identity.
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null)
}

function restoreGaps(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      if (element === null) value[index] = undefined
      else restoreGaps(element)
    }
    return
  }
  for (const field of Object.values(value)) restoreGaps(field)
}
