import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { KubernetesUser } from '../rbac.ts'
import { badRequest, invalid } from '../status-error.ts'
import { bodyForm } from './media-types.ts'
import { decodeProtobuf } from './protobuf.ts'

/** A request after authentication, with the parts of its path and its raw body. */
export interface ApiRequest {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly user: KubernetesUser
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly body: Buffer
}

/** What to answer: a JSON body, or a function that takes over the response, as watches do. */
export type ApiReply =
  | { readonly status: number; readonly body: unknown; readonly headers?: OutgoingHttpHeaders }
  | { readonly stream: (res: ServerResponse) => void }

/** The request's body as an object of `kind`, not yet checked. Throws 400 and 415. */
export const objectBody = (request: ApiRequest, kind: string): unknown =>
  bodyForm(request.headers, kind) === 'protobuf' ? decodeProtobuf(kind, request.body) : jsonBody(request)

/** The request's body as JSON. Throws 400. */
export function jsonBody({ body }: ApiRequest): unknown {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    return parsed
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw badRequest(`the object provided is unrecognized (must be of type Status or a known kind): ${why}`)
  }
}

/** A query parameter that must be one of `allowed` where it is given. Throws 422, as option validation does. */
export function option(
  query: URLSearchParams,
  name: string,
  kind: string,
  allowed: readonly string[],
): string | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (allowed.includes(value)) return value
  const list = allowed.map((item) => `"${item}"`).join(', ')
  const message = `Unsupported value: "${value}": supported values: ${list}`
  throw invalid({ kind, group: 'meta.k8s.io' }, '', [{ reason: 'FieldValueNotSupported', message, field: name }])
}

export const isTrue = (value: string | null): boolean => value === 'true' || value === '1'

/** An integer query parameter. Throws 400 for anything else. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  if (!/^\d+$/.test(value)) throw badRequest(`strconv.ParseUint: parsing "${value}": invalid syntax`)
  return Number(value)
}
