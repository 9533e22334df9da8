import { ADMISSION_TYPES } from './admission-types.ts'
import { AUTOSCALING_TYPES } from './autoscaling-types.ts'
import { OBJECT_TYPES } from './object-types.ts'
import { POD_TYPES } from './pod-types.ts'
import { VOLUME_TYPES } from './volume-types.ts'

/** A value's type: one of the scalars below, or the name of an object type. */
type TypeName = string

/**
 * A field of an object type. `list` says how a strategic merge patch treats a list: `atomic` replaces it, `set` merges
 * scalars, anything else is the key by which items are merged.
 */
export interface Field {
  readonly type: TypeName
  readonly shape: 'single' | 'map' | 'list'
  readonly mergeKey?: string
  readonly mergesAsSet?: boolean
}

export type ObjectType = ReadonlyMap<string, Field>

/**
 * Reads the compact notation of the type tables: `Type = field field:type …`, continued on indented lines. A field without
 * type is a string; `{}T` is a map with values of type T; `[]T` an atomic list; `[key]T` a list merged by key; `[=]T` a set.
 */
function parseTypes(text: string): ReadonlyMap<TypeName, ObjectType> {
  const types = new Map<TypeName, ObjectType>()
  for (const entry of text.trim().split(/\n(?! )/)) {
    const [name = '', ...words] = entry.split(/\s+/)
    types.set(name, new Map(words.slice(1).map(parseField)))
  }
  return types
}

function parseField(word: string): [string, Field] {
  const [name = '', notation = 'string'] = word.split(':')
  const match = /^(?:\{\}|\[(.*)\])?(\w+)$/.exec(notation)
  const [, listKey, type = 'string'] = match ?? []
  if (notation.startsWith('{}')) return [name, { type, shape: 'map' }]
  if (listKey === undefined) return [name, { type, shape: 'single' }]
  if (listKey === '') return [name, { type, shape: 'list' }]
  if (listKey === '=') return [name, { type, shape: 'list', mergesAsSet: true }]
  return [name, { type, shape: 'list', mergeKey: listKey }]
}

const TYPES = new Map([
  ...parseTypes(ADMISSION_TYPES),
  ...parseTypes(AUTOSCALING_TYPES),
  ...parseTypes(OBJECT_TYPES),
  ...parseTypes(POD_TYPES),
  ...parseTypes(VOLUME_TYPES),
])

/** The fields of an object type, or undefined for a scalar type. */
export const objectType = (name: TypeName): ObjectType | undefined => TYPES.get(name)
