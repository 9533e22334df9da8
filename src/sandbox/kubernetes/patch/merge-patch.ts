import { isJsonObject, type JsonObject } from '../json.ts'

/** Applies an RFC 7386 merge patch: null removes, objects merge, everything else replaces. */
export function applyMergePatch(document: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...document }
  for (const [name, value] of Object.entries(patch)) {
    const present = result[name]
    if (value === null) delete result[name]
    else if (isJsonObject(value)) result[name] = applyMergePatch(isJsonObject(present) ? present : {}, value)
    else result[name] = value
  }
  return result
}
