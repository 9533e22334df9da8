import { fieldsOf } from '../json.ts'
import type { KubeObject, LabelSelector } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { Resource } from '../resources.ts'
import { decode } from '../schema/decode.ts'
import { selectorText } from '../selectors.ts'
import { badRequest, invalid } from '../status-error.ts'
import { admitting } from './admit.ts'
import { type ApiReply, type ApiRequest, objectBody, option } from './api-request.ts'
import { existing, patched } from './write.ts'

/** The `autoscaling/v1` view of a workload's size. */
function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const optional = { namespace, uid, resourceVersion, creationTimestamp }
  // Validation made sure that a workload has a selector.
  const selector = selectorText(fieldsOf(object.spec).selector as LabelSelector)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) },
    spec: { replicas: Number(fieldsOf(object.spec).replicas ?? 0) },
    status: { replicas: Number(fieldsOf(object.status).replicas ?? 0), selector },
  }
}

export function getScale(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  return { status: 200, body: scaleOf(existing(registry, resource, request)) }
}

/** Sets a workload's size through its scale, by PUT or by any kind of patch. Throws 400, 409 and 422. */
export function writeScale(registry: Registry, resource: Resource, request: ApiRequest): ApiReply {
  const current = existing(registry, resource, request)
  const document = request.method === 'PUT' ? objectBody(request, 'Scale') : patched(request, 'Scale', scaleOf(current))
  const { value, typeErrors } = decode('Scale', document)
  if (typeErrors[0]) throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${typeErrors[0]}`)
  const replicas = Number(fieldsOf(value.spec).replicas ?? 0)
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`
    const cause = { reason: 'FieldValueInvalid', message, field: 'spec.replicas' }
    throw invalid({ kind: 'Scale', group: 'autoscaling' }, current.metadata.name, [cause])
  }
  const { resourceVersion: _own, ...metadata } = current.metadata
  const { resourceVersion } = fieldsOf(value.metadata)
  const fence = typeof resourceVersion === 'string' && resourceVersion !== '' ? { resourceVersion } : {}
  const next = { ...current, metadata: { ...metadata, ...fence }, spec: { ...fieldsOf(current.spec), replicas } }
  const dryRun = option(request.query, 'dryRun', 'UpdateOptions', ['All']) !== undefined
  const { admit } = admitting(registry, resource, request, { dryRun, subresource: 'scale' })
  const updated = registry.update(resource.kind, current, next, 'spec', {
    dryRun,
    // What is judged is the scale, not the workload.
    admit: (object, oldObject) => admit(scaleOf(object), oldObject && scaleOf(oldObject)),
  })
  return { status: 200, body: scaleOf(updated) }
}
