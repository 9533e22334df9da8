import type { IncomingHttpHeaders } from 'node:http'
import { ApiError, unsupportedMediaType } from '../status-error.ts'
import { readsProtobuf } from './protobuf.ts'

const PROTOBUF = 'application/vnd.kubernetes.protobuf'

export type PatchType = 'json' | 'merge' | 'strategic'

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}

const contentType = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim() ?? ''

/** How a patch's body is to be read. Throws 415 for everything else, server-side apply included. */
export function patchTypeOf(headers: IncomingHttpHeaders): PatchType {
  const type = PATCH_TYPES[contentType(headers)]
  if (!type) throw unsupportedMediaType(Object.keys(PATCH_TYPES))
  return type
}

/**
 * How the body of an object of `kind` is encoded; no content type counts as JSON, as at the real server. Throws 415. The real
 * server reads YAML and CBOR too, and every kind as protobuf.
 */
export function bodyForm(headers: IncomingHttpHeaders, kind: string): 'json' | 'protobuf' {
  const type = contentType(headers)
  if (type === PROTOBUF && readsProtobuf(kind)) return 'protobuf'
  if (type !== '' && type !== 'application/json') throw unsupportedMediaType(['application/json'])
  return 'json'
}

/** Whether the client asks for objects or for a table to print, by the first kind in `Accept` that is served. Throws 406. */
export function acceptedForm(headers: IncomingHttpHeaders): 'object' | 'table' {
  const accept = headers.accept ?? '*/*'
  for (const entry of accept.split(',')) {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim())
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3)
    const json = type === 'application/json' || type === '*/*' || type === 'application/*'
    if (json && as === 'Table' && parameters.includes('v=v1')) return 'table'
    if (json && as === undefined) return 'object'
  }
  const message = 'only the following media types are accepted: application/json'
  throw new ApiError(406, 'NotAcceptable', message)
}
