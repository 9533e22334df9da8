import { qualifiedName, type Resource } from './resources.ts'

export interface StatusCause {
  readonly reason: string
  readonly message: string
  readonly field?: string
}

/** The `Status` object by which the API server explains a failure. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, never>>
  readonly status: 'Failure'
  readonly message: string
  readonly reason: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly uid?: string
    readonly causes?: readonly StatusCause[]
    readonly retryAfterSeconds?: number
  }
  readonly code: number
}

/** A request that the API server refuses; carries the `Status` to answer with. Messages follow apimachinery's `api/errors`. */
export class ApiError extends Error {
  readonly status: Status
  constructor(code: number, reason: string, message: string, details?: Status['details']) {
    super(message)
    this.name = 'ApiError'
    const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason } as const
    this.status = details ? { ...base, details, code } : { ...base, code }
  }
}

const named = ({ group, plural }: Resource, name: string): { name?: string; group?: string; kind: string } => ({
  ...(name ? { name } : {}),
  ...(group ? { group } : {}),
  kind: plural,
})

export const notFound = (resource: Resource, name: string): ApiError =>
  new ApiError(404, 'NotFound', `${qualifiedName(resource)} "${name}" not found`, named(resource, name))

export const alreadyExists = (resource: Resource, name: string): ApiError =>
  new ApiError(409, 'AlreadyExists', `${qualifiedName(resource)} "${name}" already exists`, named(resource, name))

export const conflict = (resource: Resource, name: string, why: string): ApiError =>
  new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${why}`,
    named(resource, name),
  )

export const modified = (resource: Resource, name: string): ApiError =>
  conflict(
    resource,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  )

export const badRequest = (message: string): ApiError => new ApiError(400, 'BadRequest', message)

/** 422 with one cause per field; `kind` and `name` may be empty where the object could not be read at all. */
export const invalid = (
  resource: { readonly kind: string; readonly group: string } | undefined,
  name: string,
  causes: readonly StatusCause[],
): ApiError => {
  const texts = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message))
  const qualified = resource ? (resource.group ? `${resource.kind}.${resource.group}` : resource.kind) : ''
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new ApiError(422, 'Invalid', `${qualified} "${name}" is invalid: ${list}`, {
    ...(name ? { name } : {}),
    ...(resource?.group ? { group: resource.group } : {}),
    ...(resource ? { kind: resource.kind } : {}),
    causes,
  })
}

export const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized')

export const methodNotAllowed = (): ApiError =>
  new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

export const unsupportedMediaType = (accepted: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  )

export const expired = (version: number, oldest: number): ApiError =>
  new ApiError(410, 'Expired', `too old resource version: ${version} (${oldest})`)
