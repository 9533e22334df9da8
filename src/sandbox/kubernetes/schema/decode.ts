import { isJsonObject } from '../json.ts'
import { type Field, objectType } from './parse-types.ts'

/** What decoding kept and what it met: unknown fields were dropped, wrongly typed ones make the object unusable. */
export interface Decoded {
  readonly value: Readonly<Record<string, unknown>>
  readonly unknownFields: readonly string[]
  readonly typeErrors: readonly string[]
}

/** Go's names for JSON values, which the API server's messages use. */
const jsonKind = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

const GO_TYPES: Readonly<Record<string, string>> = { int: 'int32', number: 'float64', time: 'Time' }

/**
 * Decodes `input` as the object type `typeName`, as the API server does: unknown fields are dropped and reported, nulls
 * count as absent, quantities and int-or-strings accept both numbers and text.
 */
export function decode(typeName: string, input: unknown): Decoded {
  const unknownFields: string[] = []
  const typeErrors: string[] = []

  const mismatch = (value: unknown, type: string, path: string): undefined => {
    const message = `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${typeName}${path} of type ${GO_TYPES[type] ?? type}`
    typeErrors.push(message)
    return undefined
  }

  const decodeObject = (type: string, value: unknown, path: string): Record<string, unknown> | undefined => {
    const fields = objectType(type)
    if (!fields || !isJsonObject(value)) return mismatch(value, type, path)
    const kept: Record<string, unknown> = {}
    for (const [name, part] of Object.entries(value)) {
      const field = fields.get(name)
      if (!field) unknownFields.push(`${path}.${name}`.slice(1))
      else if (part !== null && part !== undefined) kept[name] = decodeField(field, part, `${path}.${name}`)
    }
    return kept
  }

  const decodeField = (field: Field, value: unknown, path: string): unknown => {
    if (field.shape === 'single') return decodeOne(field.type, value, path)
    if (field.shape === 'list') {
      if (!Array.isArray(value)) return mismatch(value, `[]${field.type}`, path)
      return value.map((item: unknown, index) => decodeOne(field.type, item, `${path}[${index}]`))
    }
    if (!isJsonObject(value)) return mismatch(value, `map[string]${field.type}`, path)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, decodeOne(field.type, item ?? '', `${path}.${key}`)]),
    )
  }

  const decodeOne = (type: string, value: unknown, path: string): unknown => {
    switch (type) {
      case 'any':
        return value
      case 'string':
      case 'time':
        return typeof value === 'string' ? value : mismatch(value, type, path)
      case 'bool':
        return typeof value === 'boolean' ? value : mismatch(value, type, path)
      case 'int':
        return Number.isInteger(value) ? value : mismatch(value, type, path)
      case 'number':
        return typeof value === 'number' ? value : mismatch(value, type, path)
      case 'intOrString':
        return typeof value === 'string' || Number.isInteger(value) ? value : mismatch(value, 'IntOrString', path)
      case 'quantity':
        if (typeof value === 'number') return String(value)
        return typeof value === 'string' ? value : mismatch(value, 'Quantity', path)
      default:
        return decodeObject(type, value, path)
    }
  }

  const value = decodeObject(typeName, input, '')
  return { value: value ?? {}, unknownFields, typeErrors }
}
