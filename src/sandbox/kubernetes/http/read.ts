import type { KubeObject } from '../object.ts'
import type { Registry } from '../registry.ts'
import { apiVersionOf, type Resource } from '../resources.ts'
import { parseFieldSelector, parseLabelSelector } from '../selectors.ts'
import { ApiError, badRequest, expired } from '../status-error.ts'
import { type ApiReply, type ApiRequest, integer } from './api-request.ts'
import { acceptedForm } from './media-types.ts'
import { tableOf } from './table.ts'
import { existing } from './write.ts'

export function getOne(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const object = existing(registry, resource, request)
  const body =
    acceptedForm(request.headers) === 'table' ? tableOf(resource, [object], request.query, registry.now()) : object
  return { status: 200, body }
}

/** The request's label and field selectors as one test. Throws 400. */
export function selection(resource: Resource, { query }: ApiRequest): (object: KubeObject) => boolean {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(resource.kind, query.get('fieldSelector') ?? '')
  return (object) => labels(object.metadata.labels) && fields(object)
}

/** Lists a kind, in pages if `limit` asks for it. Throws 400, 410 for an expired page token and 504 for a future version. */
export function listAll(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const { store } = registry
  const { query, namespace } = request
  const asked = integer(query, 'resourceVersion') ?? 0
  if (asked > store.version) throw tooLarge(asked, store.version)
  const matching = store.list(resource.kind, namespace).filter(selection(resource, request))
  const page = pageOf(matching, query, store.version, store.oldestVersion)
  const metadata = { resourceVersion: String(page.version), ...page.more }
  if (acceptedForm(request.headers) === 'table') {
    return { status: 200, body: { ...tableOf(resource, page.items, query, registry.now()), metadata } }
  }
  // Lists of built-in kinds name the kind once; their items do not repeat it.
  const items = page.items.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item)
  return { status: 200, body: { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items } }
}

interface Page {
  readonly items: readonly KubeObject[]
  readonly version: number
  readonly more: { readonly continue?: string; readonly remainingItemCount?: number }
}

const positionOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`

function pageOf(all: readonly KubeObject[], query: URLSearchParams, current: number, oldest: number): Page {
  const limit = integer(query, 'limit') ?? 0
  const token = query.get('continue')
  const from = token ? readToken(token) : undefined
  const version = from?.version ?? current
  if (version < oldest) throw expired(version, oldest)
  const rest = from ? all.filter((object) => positionOf(object) > from.after) : all
  const last = limit > 0 && rest.length > limit ? rest[limit - 1] : undefined
  if (!last) return { items: rest, version, more: {} }
  const next = Buffer.from(JSON.stringify({ version, after: positionOf(last) })).toString('base64url')
  return { items: rest.slice(0, limit), version, more: { continue: next, remainingItemCount: rest.length - limit } }
}

function readToken(token: string): { readonly version: number; readonly after: string } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
    // Tokens are opaque to clients; one that this server made has these fields.
    const { version, after } = parsed as { version: number; after: string }
    return { version: Number(version), after: String(after) }
  } catch {
    throw badRequest('continue key is not valid')
  }
}

function tooLarge(asked: number, current: number): ApiError {
  const message = `Too large resource version: ${asked}, current: ${current}`
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]
  return new ApiError(504, 'Timeout', message, { causes, retryAfterSeconds: 1 })
}
