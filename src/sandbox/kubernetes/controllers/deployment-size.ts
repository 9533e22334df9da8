import type { Deployment, ReplicaSet } from '../workloads.ts'
import { resolveCount } from './pods.ts'

const DESIRED = 'deployment.kubernetes.io/desired-replicas'
const MAX = 'deployment.kubernetes.io/max-replicas'

/** How far a rollout may exceed or fall below the wanted size, in pods; never both 0 (`ResolveFenceposts`). */
function fenceposts({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (spec.strategy.type !== 'RollingUpdate') return { surge: 0, unavailable: 0 }
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate
  const surge = resolveCount(maxSurge, spec.replicas, 'up')
  const unavailable = resolveCount(maxUnavailable, spec.replicas, 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

const maxSurgeOf = (deployment: Deployment): number => fenceposts(deployment).surge

export const maxUnavailableOf = (deployment: Deployment): number =>
  deployment.spec.replicas === 0 ? 0 : Math.min(fenceposts(deployment).unavailable, deployment.spec.replicas)

export const specReplicas = (sets: readonly ReplicaSet[]): number =>
  sets.reduce((total, { spec }) => total + spec.replicas, 0)

/** The annotations by which a replica set remembers the size it was last part of. */
export const sizeAnnotations = (deployment: Deployment): Record<string, string> => ({
  [DESIRED]: String(deployment.spec.replicas),
  [MAX]: String(deployment.spec.replicas + maxSurgeOf(deployment)),
})

/** How large the new replica set may be now. */
export function newSetSize(deployment: Deployment, sets: readonly ReplicaSet[], newSize: number): number {
  const wanted = deployment.spec.replicas
  if (deployment.spec.strategy.type === 'Recreate') return wanted
  const room = wanted + maxSurgeOf(deployment) - specReplicas(sets)
  return room <= 0 ? newSize : newSize + Math.min(room, wanted - newSize)
}

/** Whether the deployment was scaled since its active replica sets were last sized. */
export const wasScaled = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.some(({ spec, metadata }) => {
    const desired = metadata.annotations?.[DESIRED]
    return spec.replicas > 0 && desired !== undefined && Number(desired) !== deployment.spec.replicas
  })

/**
 * Sizes after scaling a deployment: its one active set takes all; in the middle of a rollout every set changes in
 * proportion to its share, larger and newer sets first, so that scaling does not change how far the rollout is.
 */
export function scaledSizes(deployment: Deployment, sets: readonly ReplicaSet[]): ReadonlyMap<ReplicaSet, number> {
  const active = sets.filter(({ spec }) => spec.replicas > 0)
  const [only] = active.length === 0 ? sets.slice(-1) : active
  if (only && active.length <= 1) return new Map([[only, deployment.spec.replicas]])
  const wanted = deployment.spec.replicas
  const allowed = wanted > 0 ? wanted + maxSurgeOf(deployment) : 0
  const toAdd = allowed - specReplicas(active)
  const sorted = active.toReversed().sort((a, b) => b.spec.replicas - a.spec.replicas)
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of sorted) {
    const before = Number(set.metadata.annotations?.[MAX] ?? wanted)
    const share = Math.round((set.spec.replicas * allowed) / Math.max(1, before)) - set.spec.replicas
    const left = toAdd - added
    const change = toAdd > 0 ? Math.min(Math.max(0, share), left) : Math.max(Math.min(0, share), left)
    sizes.set(set, set.spec.replicas + change)
    added += change
  }
  const [largest] = sorted
  if (largest) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added))
  return sizes
}
