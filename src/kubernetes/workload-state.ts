import type { Workload } from '../domain/service.ts'
import type { WorkloadState } from '../remediations/cluster.ts'
import type { ClusterApi } from './connect.ts'
import { toRead } from './describe.ts'
import type { Need } from './failures.ts'
import { earlierRevisions, readReplicaSets } from './revisions.ts'
import { RESTARTED_AT } from './rollout.ts'
import { readWorkload } from './workloads.ts'

/** What an approval is bound to, and what decides whether and how the workload may be changed. */
export async function workloadState(
  api: ClusterApi,
  need: Need,
  workload: Workload,
  signal: AbortSignal,
): Promise<WorkloadState> {
  const object = await need(toRead(workload), readWorkload(api, workload, signal))
  const sets = await need(
    `list replicasets in namespace ${workload.namespace}`,
    readReplicaSets(api, workload, object, signal),
  )
  return {
    uid: object.metadata.uid ?? '',
    generation: object.metadata.generation ?? 0,
    resourceVersion: object.metadata.resourceVersion ?? '',
    replicas: object.desired,
    paused: object.paused,
    strategy: object.strategy,
    maxSurge: object.maxSurge,
    maxUnavailable: object.maxUnavailable,
    heldBack: object.heldBack,
    restartStamp: object.template.metadata?.annotations?.[RESTARTED_AT],
    rolling: object.rolling,
    earlierRevisions: earlierRevisions(object, sets),
  }
}
