import { isJsonObject, type JsonObject, sameJson } from '../json.ts'
import { ApiError, badRequest } from '../status-error.ts'

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

/** Applies an RFC 6902 patch. Throws 400 for what is no patch, 422 for one that does not fit the document. */
export function applyJsonPatch(document: JsonObject, patch: unknown): JsonObject {
  if (!Array.isArray(patch)) {
    const found = isJsonObject(patch) ? 'object' : typeof patch
    throw badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type jsonpatch.Patch`)
  }
  let result: unknown = structuredClone(document)
  for (const item of patch) {
    if (!isJsonObject(item) || typeof item.op !== 'string' || typeof item.path !== 'string') {
      throw badRequest('error decoding patch: every operation needs an op and a path')
    }
    // The shape was checked on the lines above; op decides which other fields are read.
    result = applyOperation(result, item as unknown as Operation)
  }
  if (!isJsonObject(result)) throw misfit('the patched document is not an object')
  return result
}

function applyOperation(document: unknown, { op, path, from, value }: Operation): unknown {
  switch (op) {
    case 'add':
    case 'replace':
      return change(document, pointer(path), op, value)
    case 'remove':
      return change(document, pointer(path), op, undefined)
    case 'test':
      if (!sameJson(read(document, pointer(path)), value ?? undefined))
        throw misfit(`testing value ${path} failed: test failed`)
      return document
    case 'copy':
      return change(document, pointer(path), 'add', structuredClone(read(document, pointer(from ?? ''))))
    case 'move': {
      const moved = read(document, pointer(from ?? ''))
      return change(change(document, pointer(from ?? ''), 'remove', undefined), pointer(path), 'add', moved)
    }
    default:
      throw misfit(`Unexpected kind: ${op}`)
  }
}

const misfit = (message: string): ApiError =>
  new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`, {})

const pointer = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

function read(document: unknown, path: readonly string[]): unknown {
  let value = document
  for (const part of path) {
    if (Array.isArray(value)) value = value[Number(part)]
    else value = isJsonObject(value) ? value[part] : undefined
    if (value === undefined) throw misfit(`unable to find /${path.join('/')}: missing value`)
  }
  return value
}

/** Changes the clone in place below the root, which only this patch holds. */
function change(document: unknown, path: readonly string[], op: 'add' | 'replace' | 'remove', value: unknown): unknown {
  const last = path.at(-1)
  if (last === undefined) return value
  const parent = read(document, path.slice(0, -1))
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last)
    const limit = op === 'add' ? parent.length : parent.length - 1
    if (!Number.isInteger(index) || index < 0 || index > limit)
      throw misfit(`index out of bounds at /${path.join('/')}`)
    parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [value]))
    return document
  }
  if (!isJsonObject(parent)) throw misfit(`no object at /${path.slice(0, -1).join('/')}`)
  if (op !== 'add' && !(last in parent)) throw misfit(`${op} operation does not apply: missing key /${path.join('/')}`)
  if (op === 'remove') Reflect.deleteProperty(parent, last)
  else Reflect.set(parent, last, value)
  return document
}
