import { controllerOf } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { Deployment, ReplicaSet } from '../workloads.ts'
import { maxUnavailableOf, newSetSize, scaledSizes, specReplicas, wasScaled } from './deployment-size.ts'
import { deploymentStatus, untilDeadlineMs, withCondition } from './deployment-status.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'
import { isTerminating, podsOf } from './pods.ts'
import { currentSet, ensureCurrentSet, pruneHistory, replicaSetsOf, scaleSet } from './replica-sets.ts'

/** Rolls a deployment's replica sets over to its template, step by step, as `pkg/controller/deployment` does. */
export function deploymentController(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry
  const fresh = (deployment: Deployment): Deployment =>
    store.get('Deployment', deployment.metadata.namespace, deployment.metadata.name) ?? deployment

  const scale = (deployment: Deployment, set: ReplicaSet, size: number): ReplicaSet =>
    scaleSet(registry, record, deployment, set, size)

  const scaleAll = (deployment: Deployment, sets: readonly ReplicaSet[]): void => {
    for (const [set, size] of scaledSizes(deployment, sets)) scale(deployment, set, size)
  }

  /** Creates or finds the replica set of the present template and notes either as progress. */
  const begin = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet => {
    const { set, created } = ensureCurrentSet(registry, record, deployment, sets)
    const current = fresh(deployment)
    const progressing = current.status.conditions?.find(({ type }) => type === 'Progressing')
    const wanted = deployment.spec.replicas
    const revived = progressing?.reason === 'NewReplicaSetAvailable' && set.spec.replicas === 0 && wanted > 0
    if (created || revived || !progressing) {
      const name = set.metadata.name
      const found = created
        ? { reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` }
        : { reason: 'FoundNewReplicaSet', message: `Found new replica set "${name}"` }
      const condition = { type: 'Progressing', status: 'True', ...found } as const
      const conditions = withCondition(current.status.conditions ?? [], condition, registry.now(), true)
      registry.update('Deployment', current, { ...current, status: { ...current.status, conditions } }, 'status')
    }
    return set
  }

  const roll = (deployment: Deployment, sets: readonly ReplicaSet[]): void => {
    const newSet = begin(deployment, sets)
    const all = replicaSetsOf(registry, deployment)
    const size = newSet.spec.replicas
    const wanted = deployment.spec.replicas
    const target = size > wanted ? wanted : newSetSize(deployment, all, size)
    if (target !== size) {
      scale(deployment, newSet, target)
      return
    }
    shrinkOld(deployment, all, newSet)
  }

  const shrinkOld = (deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet): void => {
    const old = all.filter((set) => set.metadata.uid !== newSet.metadata.uid && set.spec.replicas > 0)
    const minAvailable = deployment.spec.replicas - maxUnavailableOf(deployment)
    const newUnavailable = newSet.spec.replicas - (newSet.status.availableReplicas ?? 0)
    let removable = specReplicas(all) - minAvailable - newUnavailable
    if (removable <= 0) return
    const sizes = new Map(old.map((set) => [set, set.spec.replicas]))
    const take = (set: ReplicaSet, pods: number): number => {
      const taken = Math.max(0, Math.min(pods, sizes.get(set) ?? 0))
      sizes.set(set, (sizes.get(set) ?? 0) - taken)
      return taken
    }
    // Pods that serve nobody go first and cost no availability.
    for (const set of old) {
      removable -= take(set, Math.min(removable, set.spec.replicas - (set.status.availableReplicas ?? 0)))
    }
    let spare = all.reduce((total, { status }) => total + (status.availableReplicas ?? 0), 0) - minAvailable
    for (const set of old) spare -= take(set, spare)
    for (const [set, size] of sizes) scale(deployment, set, size)
  }

  const recreate = (deployment: Deployment, sets: readonly ReplicaSet[]): void => {
    const present = currentSet(deployment, sets)
    const old = sets.filter((set) => set !== present)
    for (const set of old.filter(({ spec }) => spec.replicas > 0)) scale(deployment, set, 0)
    const stillThere = old.some((set) => podsOf(store, set).length > 0)
    if (stillThere) return
    const set = begin(deployment, sets)
    scale(deployment, set, deployment.spec.replicas)
  }

  const notePause = (deployment: Deployment): void => {
    const { spec, status } = deployment
    const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
    const wasPaused = progressing?.reason === 'DeploymentPaused'
    if (Boolean(spec.paused) === wasPaused) return
    const condition = spec.paused
      ? ({ status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' } as const)
      : ({ status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' } as const)
    const conditions = withCondition(
      status.conditions ?? [],
      { type: 'Progressing', ...condition },
      registry.now(),
      true,
    )
    registry.update('Deployment', deployment, { ...deployment, status: { ...status, conditions } }, 'status')
  }

  return {
    name: 'deployment',
    affected({ kind, object }) {
      if (kind === 'Deployment') return [keyOf(object)]
      const owner = kind === 'ReplicaSet' || kind === 'Pod' ? controllerOf(object) : undefined
      if (owner?.kind === 'Deployment') return [{ namespace: object.metadata.namespace, name: owner.name }]
      // A Recreate rollout waits for old pods to be gone, which no replica set's status shows.
      const set =
        owner?.kind === 'ReplicaSet' ? store.get('ReplicaSet', object.metadata.namespace, owner.name) : undefined
      const grandOwner = set ? controllerOf(set) : undefined
      return grandOwner ? [{ namespace: object.metadata.namespace, name: grandOwner.name }] : []
    },
    reconcile({ namespace, name }) {
      const found = store.get('Deployment', namespace, name)
      if (!found || isTerminating(found)) return undefined
      notePause(found)
      const deployment = fresh(found)
      const sets = replicaSetsOf(registry, deployment)
      if (deployment.spec.paused || wasScaled(deployment, sets)) scaleAll(deployment, sets)
      else if (deployment.spec.strategy.type === 'Recreate') recreate(deployment, sets)
      else roll(deployment, sets)
      const current = fresh(deployment)
      const after = replicaSetsOf(registry, current)
      const newSet = currentSet(current, after)
      const status = deploymentStatus(current, after, newSet, registry.now())
      registry.update('Deployment', current, { ...current, status }, 'status')
      const old = after.filter((set) => set !== newSet)
      if (newSet && specReplicas(old) === 0 && !current.spec.paused) pruneHistory(registry, current, old)
      const left = untilDeadlineMs(fresh(current), registry.now())
      return left === undefined ? undefined : Math.max(left, 0) + 1
    },
  }
}
