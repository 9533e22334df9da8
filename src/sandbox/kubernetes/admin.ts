import type { KubeObject } from './object.ts'
import type { Registry } from './registry.ts'
import { apiVersionOf, resourceOf, servedResource } from './resources.ts'
import { decode } from './schema/decode.ts'
import { badRequest } from './status-error.ts'
import type { Kind } from './workloads.ts'

/** A kind given as text. Throws if the stand-in does not serve it. */
export function kindNamed(kind: string): Kind {
  const found = resourceOf(kind)
  if (!found) throw new Error(`The Kubernetes stand-in does not serve the kind ${kind}.`)
  return found.kind
}

/**
 * Creates or replaces an object without asking for permissions; a `status` that it brings is stored too. Throws `ApiError`
 * with 400 for unknown fields and 422 for invalid ones, so that a mistake in a test is found where it was made.
 */
export function applyAsAdmin(registry: Registry, given: KubeObject): KubeObject {
  const kind = kindNamed(given.kind)
  const resource = servedResource(kind)
  const { value, unknownFields, typeErrors } = decode(kind, given)
  const problems = [...typeErrors, ...unknownFields.map((field) => `unknown field "${field}"`)]
  if (given.apiVersion !== apiVersionOf(resource)) problems.push(`${kind} is served as ${apiVersionOf(resource)}`)
  if (problems.length > 0) throw badRequest(`${kind} "${given.metadata.name}": ${problems.join(', ')}`)
  const namespace = resource.namespaced ? (given.metadata.namespace ?? 'default') : undefined
  const metadata = { ...given.metadata, ...(namespace === undefined ? {} : { namespace }) }
  // Decoding keeps the shape and only drops what the kind does not have.
  const object: KubeObject = { ...(value as unknown as KubeObject), metadata }
  const current = registry.store.get(kind, namespace, metadata.name)
  if (!current) return registry.create(kind, object)
  const { resourceVersion: _version, ...unfenced } = metadata
  const replaced = registry.update(kind, current, { ...object, metadata: unfenced }, 'spec')
  if (object.status === undefined) return replaced
  return registry.update(kind, replaced, { ...replaced, status: object.status }, 'status')
}
