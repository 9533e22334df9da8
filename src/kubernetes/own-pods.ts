import type { V1Pod, V1ReplicaSet } from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { ClusterApi } from './connect.ts'
import type { Need } from './failures.ts'
import { readReplicaSets } from './revisions.ts'
import type { WorkloadObject } from './workloads.ts'
import { readPods } from './workloads.ts'

/**
 * Pods of the workload, by name, and the ReplicaSets between them and a Deployment. Another workload's pods that its selector happens to take
 * are left out, and so are those that have ended: what is listed here may be evicted.
 */
export async function readOwnPods(
  api: ClusterApi,
  need: Need,
  workload: Workload,
  object: WorkloadObject,
  signal: AbortSignal,
): Promise<{ readonly pods: readonly V1Pod[]; readonly sets: readonly V1ReplicaSet[] }> {
  const { namespace } = workload
  const [pods, sets] = await Promise.all([
    need(`list pods in namespace ${namespace}`, readPods(api, workload, object, signal)),
    need(`list replicasets in namespace ${namespace}`, readReplicaSets(api, workload, object, signal)),
  ])
  const owners = new Set([object.metadata.uid, ...sets.map(({ metadata }) => metadata?.uid)])
  return { pods: pods.filter((pod) => isOwn(pod, owners) && !hasEnded(pod)), sets }
}

function isOwn({ metadata }: V1Pod, owners: ReadonlySet<string | undefined>): boolean {
  const controller = metadata?.ownerReferences?.find((owner) => owner.controller === true)
  return controller === undefined || owners.has(controller.uid)
}

function hasEnded({ status }: V1Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
