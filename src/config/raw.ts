import type { Path } from './problem.ts'

// Reads parsed YAML that no schema has accepted yet, so that references are checked even where something else is wrong.

/** The value below a key or index; `undefined` where there is none. */
export function field(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key] // an object's own property, whatever its type
}

export function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(field, value)
}

/** The entries of a mapping; none for anything else. */
export function entries(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : []
}

export function keys(value: unknown): string[] {
  return isMapping(value) ? Object.keys(value) : []
}

/** The items of a list with their index; none for anything else. */
export function items(value: unknown): [number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : []
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
