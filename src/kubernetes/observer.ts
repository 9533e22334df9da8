import type { ClusterObserver } from '../remediations/cluster.ts'
import type { ClusterAccess } from './connect.ts'
import { describe, toRead } from './describe.ts'
import { account } from './failures.ts'
import { nodeRooms, wishOf } from './node-facts.ts'
import { autoscalerOf, budgetsFor, observedPod } from './observations.ts'
import { readOwnPods } from './own-pods.ts'
import { allPages } from './pages.ts'
import { roomFor } from './room.ts'
import { readWorkload } from './workloads.ts'

/** Pods that hold something of a node: bound to one, and not ended. */
const BOUND = 'spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed'

/** A cluster with credentials for reading; needs what deploy/kubernetes/rbac-read.yaml grants, nothing more. */
export function clusterObserver(access: ClusterAccess): ClusterObserver {
  const { ask } = account(access, 'read')
  return {
    pods: (workload, signal) =>
      ask(`list pods of ${describe(workload)}`, async (api, need) => {
        const object = await need(toRead(workload), readWorkload(api, workload, signal))
        const { pods } = await readOwnPods(api, need, workload, object, signal)
        return pods.map(observedPod)
      }),

    budgets: (workload, signal) =>
      ask(`find disruption budgets of ${describe(workload)}`, async (api, need) => {
        const { namespace } = workload
        const [{ template }, { items }] = await Promise.all([
          need(toRead(workload), readWorkload(api, workload, signal)),
          need(
            `list poddisruptionbudgets in namespace ${namespace}`,
            api.policy.listNamespacedPodDisruptionBudget({ namespace }, api.options(signal)),
          ),
        ])
        return budgetsFor(template.metadata?.labels ?? {}, items)
      }),

    room: (workload, count, signal) =>
      ask(`look for room for ${describe(workload)}`, async (api, need) => {
        const [{ template }, nodes, pods] = await Promise.all([
          need(toRead(workload), readWorkload(api, workload, signal)),
          need(
            'list nodes',
            allPages((page) => api.core.listNode(page, api.options(signal))),
          ),
          need(
            'list pods in all namespaces',
            allPages((page) =>
              api.core.listPodForAllNamespaces({ ...page, fieldSelector: BOUND }, api.options(signal)),
            ),
          ),
        ])
        return roomFor(wishOf(workload.namespace, template), nodeRooms(nodes, pods), count)
      }),

    autoscaler: (workload, signal) =>
      ask(`find the autoscaler of ${describe(workload)}`, async (api, need) => {
        const { namespace } = workload
        const { items } = await need(
          `list horizontalpodautoscalers in namespace ${namespace}`,
          api.autoscaling.listNamespacedHorizontalPodAutoscaler({ namespace }, api.options(signal)),
        )
        return autoscalerOf(workload, items)
      }),
  }
}
