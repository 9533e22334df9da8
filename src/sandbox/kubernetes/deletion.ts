import { type KubeObject, timestamp } from './object.ts'
import type { Registry } from './registry.ts'
import { RESOURCES, type Resource } from './resources.ts'
import { conflict } from './status-error.ts'
import type { Pod } from './workloads.ts'

/** How an object is to be deleted; the grace period is in seconds and matters to pods only. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: string
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: boolean
}

/**
 * Deletes an object. A pod on a node only gets its deletion time and goes when its node has stopped it; the answer then
 * holds the terminating pod. Throws 409 if a precondition does not hold.
 */
export function deleteObject(
  registry: Registry,
  resource: Resource,
  object: KubeObject,
  options: DeleteOptions = {},
): { readonly terminating: KubeObject | undefined } {
  checkPreconditions(resource, object, options)
  const terminating = terminatingPod(registry, resource, object, options)
  if (options.dryRun) return { terminating }
  if (terminating) return { terminating: registry.store.put('Pod', terminating) }
  if (options.propagationPolicy === 'Orphan') orphanDependents(registry, object)
  registry.store.remove(resource.kind, object)
  return { terminating: undefined }
}

function checkPreconditions(resource: Resource, { metadata }: KubeObject, { preconditions = {} }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions
  const differs = (what: string, asked: string, actual: string | undefined): never => {
    const why = `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${actual ?? ''}`
    throw conflict(resource, metadata.name, why)
  }
  if (uid !== undefined && uid !== metadata.uid) differs('UID', uid, metadata.uid)
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    differs('ResourceVersion', resourceVersion, metadata.resourceVersion)
  }
}

function terminatingPod(
  { now }: Registry,
  { kind }: Resource,
  object: KubeObject,
  { gracePeriodSeconds }: DeleteOptions,
): KubeObject | undefined {
  if (kind !== 'Pod') return undefined
  // The store keeps under Pod only what was admitted as one.
  const pod = object as Pod
  const grace = gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
  if (grace === 0 || pod.spec.nodeName === undefined) return undefined
  if (pod.metadata.deletionTimestamp !== undefined) return pod
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: timestamp(now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
    },
  }
}

function orphanDependents({ store }: Registry, { metadata: { uid } }: KubeObject): void {
  for (const { kind } of RESOURCES) {
    for (const dependent of store.list(kind)) {
      const owners = dependent.metadata.ownerReferences ?? []
      const kept = owners.filter((owner) => owner.uid !== uid)
      if (kept.length === owners.length) continue
      store.put(kind, { ...dependent, metadata: { ...dependent.metadata, ownerReferences: kept } })
    }
  }
}
