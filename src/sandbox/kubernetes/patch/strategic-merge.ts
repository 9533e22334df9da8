import { isJsonObject, type JsonObject, sameJson, textOf } from '../json.ts'
import { type Field, objectType } from '../schema/parse-types.ts'
import { badRequest } from '../status-error.ts'

/**
 * Applies a strategic merge patch to a value of the object type `typeName`: lists with a merge key merge item by item, and
 * the directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` do what the API conventions say.
 * Throws 400 for a directive or list item that cannot be understood.
 */
export function applyStrategicMerge(typeName: string | undefined, document: JsonObject, patch: JsonObject): JsonObject {
  const directive = patch.$patch
  if (directive === 'replace') return withoutDirectives(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type found: ${textOf(directive)}`)
  }
  const fields = typeName === undefined ? undefined : objectType(typeName)
  const result: Record<string, unknown> = retained(document, patch.$retainKeys)
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$deleteFromPrimitiveList/')) {
      const list = name.slice('$deleteFromPrimitiveList/'.length)
      result[list] = listOf(result[list]).filter((item) => !listOf(value).some((gone) => sameJson(gone, item)))
    }
    if (name.startsWith('$')) continue
    if (value === null) delete result[name]
    else result[name] = mergeField(fields?.get(name), result[name], value, patch[`$setElementOrder/${name}`])
  }
  return result
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function mergeField(field: Field | undefined, present: unknown, value: unknown, order: unknown): unknown {
  if (isJsonObject(value)) {
    const type = field?.shape === 'single' ? field.type : undefined
    return applyStrategicMerge(type, isJsonObject(present) ? present : {}, value)
  }
  if (!Array.isArray(value) || field?.shape !== 'list') return value
  if (field.mergesAsSet) return [...new Set([...listOf(present), ...value])]
  if (field.mergeKey === undefined) return value
  return ordered(mergeItems(field.type, field.mergeKey, listOf(present), value), field.mergeKey, order)
}

function mergeItems(type: string, key: string, present: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const replaces = patch.some((item) => isJsonObject(item) && item.$patch === 'replace')
  const result: unknown[] = replaces ? [] : [...present]
  for (const item of patch) {
    if (!isJsonObject(item)) throw badRequest(`Unable to merge a list: its items must be objects with the key ${key}`)
    if (item.$patch === 'replace' && item[key] === undefined) continue
    if (item[key] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    }
    const index = result.findIndex((candidate) => isJsonObject(candidate) && candidate[key] === item[key])
    const candidate = result[index]
    if (item.$patch === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (isJsonObject(candidate)) result[index] = applyStrategicMerge(type, candidate, item)
    else result.push(applyStrategicMerge(type, {}, item))
  }
  return result
}

/** Puts the items named by `$setElementOrder` in that order; the others keep their places after them. */
function ordered(items: unknown[], key: string, order: unknown): unknown[] {
  if (!Array.isArray(order)) return items
  const wanted = order.map((item: unknown) => (isJsonObject(item) ? item[key] : item))
  const rank = (item: unknown): number => {
    const index = wanted.indexOf(isJsonObject(item) ? item[key] : item)
    return index < 0 ? wanted.length : index
  }
  return items.sort((a, b) => rank(a) - rank(b))
}

function retained(document: JsonObject, keys: unknown): Record<string, unknown> {
  if (!Array.isArray(keys)) return { ...document }
  return Object.fromEntries(Object.entries(document).filter(([name]) => keys.includes(name)))
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')))
}
