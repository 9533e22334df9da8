import type { Registry, WriteOptions } from '../registry.ts'
import type { Resource } from '../resources.ts'
import type { ApiRequest } from './api-request.ts'

/** Lets admission judge a request's write before it is stored, dry runs included. */
export function admitting(
  registry: Registry,
  resource: Resource,
  { user, namespace }: ApiRequest,
  { dryRun, subresource = '' }: { readonly dryRun: boolean; readonly subresource?: 'scale' | 'status' | '' },
): Required<WriteOptions> {
  const { group, version, kind } = subresource === 'scale' ? SCALE : resource
  return {
    dryRun,
    admit: (object, oldObject) =>
      registry.admission.admit({
        operation: oldObject === undefined ? 'CREATE' : 'UPDATE',
        group: resource.group,
        version: resource.version,
        resource: resource.plural,
        subresource,
        kind: { group, version, kind },
        namespace,
        name: object.metadata.name,
        user: user.name,
        dryRun,
        object,
        oldObject,
      }),
  }
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' }
