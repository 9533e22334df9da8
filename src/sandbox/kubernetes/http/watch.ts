import type { ServerResponse } from 'node:http'
import type { KubeObject } from '../object.ts'
import type { Registry } from '../registry.ts'
import { apiVersionOf, type Resource } from '../resources.ts'
import { expired, invalid } from '../status-error.ts'
import type { StoreEvent } from '../store.ts'
import { type ApiReply, type ApiRequest, integer, isTrue } from './api-request.ts'
import { acceptedForm } from './media-types.ts'
import { selection } from './read.ts'
import { tableOf } from './table.ts'

type WatchEvent = { readonly type: StoreEvent['type'] | 'BOOKMARK' | 'ERROR'; readonly object: unknown }

/** Without `timeoutSeconds` the real server ends a watch after half an hour to an hour; a client must cope. */
const DEFAULT_TIMEOUT_SECONDS = 1800

/**
 * Streams changes as lines of JSON. Without a version, or from 0, it begins with what is there; from a version that is no
 * longer remembered it sends one ERROR event with `410 Expired` and ends, as the real watch cache does.
 */
export function watchAll(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const { store } = registry
  const { query, namespace } = request
  if (query.has('sendInitialEvents')) {
    const message = 'Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
    const cause = { reason: 'FieldValueForbidden', message, field: 'sendInitialEvents' }
    throw invalid({ kind: 'ListOptions', group: 'meta.k8s.io' }, '', [cause])
  }
  const matches = selection(resource, request)
  const concerns = (object: KubeObject): boolean =>
    (namespace === undefined || object.metadata.namespace === namespace) && matches(object)
  const form = acceptedForm(request.headers)
  const shown = (object: KubeObject): unknown =>
    form === 'table' ? tableOf(resource, [object], query, registry.now()) : object
  const from = integer(query, 'resourceVersion') ?? 0
  const timeoutMs = (integer(query, 'timeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS) * 1000

  const stream = (res: ServerResponse): void => {
    res.writeHead(200, { 'content-type': 'application/json' })
    res.flushHeaders()
    const send = (event: WatchEvent): void => void res.write(`${JSON.stringify(event)}\n`)
    const past = from === 0 ? [] : store.since(from)
    if (!past) {
      send({ type: 'ERROR', object: expired(from, store.oldestVersion).status })
      res.end()
      return
    }
    const forward = (event: StoreEvent): void => {
      const type = event.kind === resource.kind ? transition(event, concerns) : undefined
      if (type) send({ type, object: shown(event.object) })
    }
    if (from === 0) {
      for (const object of store.list(resource.kind, namespace).filter(matches))
        send({ type: 'ADDED', object: shown(object) })
    }
    for (const event of past) forward(event)
    const unsubscribe = store.listen(forward)
    const timer = setTimeout(() => {
      if (isTrue(query.get('allowWatchBookmarks')))
        send({ type: 'BOOKMARK', object: bookmark(resource, store.version) })
      res.end()
    }, timeoutMs)
    res.once('close', () => {
      unsubscribe()
      clearTimeout(timer)
    })
  }
  return { stream }
}

/** What a change means to a watch with selectors: objects enter and leave its view. */
function transition(event: StoreEvent, concerns: (object: KubeObject) => boolean): StoreEvent['type'] | undefined {
  const before = event.previous !== undefined && concerns(event.previous)
  const after = event.type !== 'DELETED' && concerns(event.object)
  if (after) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

const bookmark = (resource: Resource, version: number): unknown => ({
  kind: resource.kind,
  apiVersion: apiVersionOf(resource),
  metadata: { resourceVersion: String(version), creationTimestamp: null },
})
