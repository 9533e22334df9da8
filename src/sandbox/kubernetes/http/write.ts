import { type DeleteOptions, deleteObject } from '../deletion.ts'
import { isJsonObject } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { applyJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMerge } from '../patch/strategic-merge.ts'
import type { Part, Registry } from '../registry.ts'
import type { Resource } from '../resources.ts'
import { decode } from '../schema/decode.ts'
import { badRequest, notFound } from '../status-error.ts'
import { admitting } from './admit.ts'
import { type ApiReply, type ApiRequest, integer, jsonBody, objectBody, option } from './api-request.ts'
import { decodeObject, warningHeaders } from './decode-body.ts'
import { patchTypeOf } from './media-types.ts'

const isDryRun = ({ query }: ApiRequest): boolean => option(query, 'dryRun', 'CreateOptions', ['All']) !== undefined

/** The stored object that a request names. Throws 404. */
export function existing(registry: Registry, resource: Resource, { namespace, name = '' }: ApiRequest) {
  const found = registry.store.get(resource.kind, namespace, name)
  if (!found) throw notFound(resource, name)
  return found
}

export function createFrom(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const { object, warnings } = decodeObject(request, resource, objectBody(request, resource.kind), 'body')
  // A client cannot create an object with a status; the server starts it.
  const { status: _status, ...given } = object
  const withStatus = resource.kind === 'Node' || resource.kind === 'Event' ? object : (given as KubeObject)
  const body = registry.create(
    resource.kind,
    withStatus,
    admitting(registry, resource, request, { dryRun: isDryRun(request) }),
  )
  return { status: 201, body, headers: warningHeaders(warnings) }
}

const updating = (registry: Registry, resource: Resource, request: ApiRequest, part: Part) =>
  admitting(registry, resource, request, {
    dryRun: isDryRun(request),
    subresource: part === 'status' ? 'status' : '',
  })

export function replaceFrom(registry: Registry, resource: Resource, request: ApiRequest, part: Part): ApiReply {
  const current = existing(registry, resource, request)
  const { object, warnings } = decodeObject(request, resource, objectBody(request, resource.kind), 'body')
  const body = registry.update(resource.kind, current, object, part, updating(registry, resource, request, part))
  return { status: 200, body, headers: warningHeaders(warnings) }
}

/** The document that a patch request makes of `current`, not yet decoded or validated. */
export function patched(request: ApiRequest, typeName: string, current: KubeObject): unknown {
  const type = patchTypeOf(request.headers)
  const patch = jsonBody(request)
  if (type === 'json') return applyJsonPatch(current, patch)
  if (!isJsonObject(patch)) {
    throw badRequest('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}')
  }
  return type === 'merge' ? applyMergePatch(current, patch) : applyStrategicMerge(typeName, current, patch)
}

export function patchFrom(registry: Registry, resource: Resource, request: ApiRequest, part: Part): ApiReply {
  patchTypeOf(request.headers)
  const current = existing(registry, resource, request)
  const document = patched(request, resource.kind, current)
  const { object, warnings } = decodeObject(request, resource, document, 'patch')
  const body = registry.update(resource.kind, current, object, part, updating(registry, resource, request, part))
  return { status: 200, body, headers: warningHeaders(warnings) }
}

export function deleteFrom(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const object = existing(registry, resource, request)
  const { terminating } = deleteObject(registry, resource, object, deleteOptions(request))
  if (terminating) return { status: 200, body: terminating }
  const { name, uid } = object.metadata
  const details = { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural, uid }
  return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } }
}

/** Options from the body and the query, where the body wins. Throws 400 and 422 for what they may not be. */
function deleteOptions(request: ApiRequest): DeleteOptions {
  const given = request.body.length > 0 ? decode('DeleteOptions', objectBody(request, 'DeleteOptions')) : undefined
  const [wrong] = given?.typeErrors ?? []
  if (wrong) throw badRequest(wrong)
  const { query } = request
  const propagation = option(query, 'propagationPolicy', 'DeleteOptions', ['Orphan', 'Background', 'Foreground'])
  const grace = integer(query, 'gracePeriodSeconds')
  const inBody = Array.isArray(given?.value.dryRun) && given.value.dryRun.includes('All')
  const options: DeleteOptions = {
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...given?.value,
    dryRun: inBody || isDryRun(request),
  }
  return options
}
