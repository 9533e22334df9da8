import { controllerOf, type KubeObject } from '../object.ts'
import type { Registry } from '../registry.ts'
import { selectorMatches } from '../selectors.ts'
import type { Kind, Pod, PodDisruptionBudget } from '../workloads.ts'
import { type Controller, keyOf } from './loop.ts'
import { isActive, isReady, resolveCount } from './pods.ts'

/** Keeps each budget's status: how many of its pods may be evicted now. */
export function disruptionBudgetController(registry: Registry): Controller {
  const { store } = registry

  /** The size of the workload behind a pod, found by going up from its controller. */
  const workload = (object: KubeObject): { readonly uid: string; readonly replicas: number } | undefined => {
    const owner = controllerOf(object)
    // Only the kinds named here are looked up, so every other owner ends the search.
    const kinds: readonly Kind[] = ['ReplicaSet', 'Deployment', 'StatefulSet']
    const kind = kinds.find((candidate) => candidate === owner?.kind)
    const found = kind && owner ? store.get(kind, object.metadata.namespace, owner.name) : undefined
    if (!found) return undefined
    const { spec } = found as unknown as { spec: { replicas: number } }
    return workload(found) ?? { uid: found.metadata.uid ?? '', replicas: spec.replicas }
  }

  const expectedPods = (pods: readonly Pod[], budget: PodDisruptionBudget): number => {
    if (typeof budget.spec.minAvailable === 'number') return pods.length
    const sizes = new Map(pods.map(workload).map((found) => [found?.uid ?? '', found?.replicas ?? 0]))
    return [...sizes.values()].reduce((total, replicas) => total + replicas, 0)
  }

  return {
    name: 'disruption-budget',
    affected({ kind, object }) {
      if (kind === 'PodDisruptionBudget') return [keyOf(object)]
      return kind === 'Pod' ? store.list('PodDisruptionBudget', object.metadata.namespace).map(keyOf) : []
    },
    reconcile({ namespace, name }) {
      const budget = store.get('PodDisruptionBudget', namespace, name)
      if (!budget) return undefined
      const covered = store
        .list('Pod', namespace)
        .filter((pod) => isActive(pod) && selectorMatches(budget.spec.selector, pod.metadata.labels))
      const expected = expectedPods(covered, budget)
      const { minAvailable, maxUnavailable } = budget.spec
      const desiredHealthy =
        maxUnavailable === undefined
          ? resolveCount(minAvailable ?? 1, expected, 'up')
          : Math.max(0, expected - resolveCount(maxUnavailable, expected, 'up'))
      const currentHealthy = covered.filter(isReady).length
      const status = {
        observedGeneration: budget.metadata.generation,
        expectedPods: expected,
        desiredHealthy,
        currentHealthy,
        disruptionsAllowed: expected > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0,
      }
      registry.update('PodDisruptionBudget', budget, { ...budget, status }, 'status')
      return undefined
    },
  }
}
