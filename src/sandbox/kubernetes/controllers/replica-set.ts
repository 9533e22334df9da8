import { deleteObject } from '../deletion.ts'
import { omitEmpty } from '../json.ts'
import { controllerOf } from '../object.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import { selectorMatches } from '../selectors.ts'
import type { Pod, ReplicaSet } from '../workloads.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'
import { availability, createPod, isActive, isReady, isTerminating, podsOf } from './pods.ts'

/** Keeps as many pods of a template as a replica set asks for. */
export function replicaSetController(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry

  const adjust = (set: ReplicaSet, pods: readonly Pod[]): void => {
    for (let missing = set.spec.replicas - pods.length; missing > 0; missing -= 1) {
      const pod = createPod(registry, set, set.spec.template, `${set.metadata.name}-`)
      record('replicaset-controller', set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
    }
    const surplus = [...pods].sort(byLeastLoss).slice(0, Math.max(0, pods.length - set.spec.replicas))
    for (const pod of surplus) {
      deleteObject(registry, servedResource('Pod'), pod)
      record('replicaset-controller', set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    }
  }

  return {
    name: 'replicaset',
    affected({ kind, object }) {
      if (kind === 'ReplicaSet') return [keyOf(object)]
      const owner = kind === 'Pod' ? controllerOf(object) : undefined
      return owner?.kind === 'ReplicaSet' ? [{ namespace: object.metadata.namespace, name: owner.name }] : []
    },
    reconcile({ namespace, name }) {
      const set = store.get('ReplicaSet', namespace, name)
      if (!set) return undefined
      if (!isTerminating(set)) adjust(set, podsOf(store, set).filter(isActive))
      const pods = podsOf(store, set).filter(isActive)
      const { available, againMs } = availability(pods, set.spec.minReadySeconds, registry.now())
      const templateLabels = { matchLabels: set.spec.template.metadata?.labels ?? {} }
      const status = {
        replicas: pods.length,
        ...omitEmpty({
          fullyLabeledReplicas: pods.filter((pod) => selectorMatches(templateLabels, pod.metadata.labels)).length,
          readyReplicas: pods.filter(isReady).length,
          availableReplicas: available,
          observedGeneration: set.metadata.generation,
        }),
      }
      registry.update('ReplicaSet', set, { ...set, status }, 'status')
      return againMs
    },
  }
}

/** Which pod to delete first: unassigned, not running, not ready, more restarts, newer; names decide the rest. */
function byLeastLoss(a: Pod, b: Pod): number {
  const rank = (pod: Pod): readonly (number | string)[] => [
    pod.spec.nodeName === undefined ? 0 : 1,
    pod.status.phase === 'Pending' ? 0 : 1,
    isReady(pod) ? 1 : 0,
    -Math.max(0, ...(pod.status.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    -Date.parse(pod.metadata.creationTimestamp ?? ''),
    pod.metadata.name,
  ]
  const left = rank(a)
  const right = rank(b)
  const index = left.findIndex((value, position) => value !== right[position])
  return index < 0 ? 0 : (left[index] ?? 0) < (right[index] ?? 0) ? -1 : 1
}
