import type { V1Pod, V1ReplicaSet } from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { RolloutPod, RolloutState } from '../remediations/cluster.ts'
import { isReady, restartsOf, troubleOf } from './pod-trouble.ts'
import { newestHashes } from './revisions.ts'
import type { WorkloadObject } from './workloads.ts'
import { isSeen, timeOf } from './workloads.ts'

/** The annotation that `kubectl rollout restart` sets; the same value again changes nothing, which makes a repeated restart harmless. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'

/** Done as `kubectl rollout status` sees it: the controller has seen the change, all pods are new and available, and none of the old are left. */
export function rolloutState(
  { kind }: Workload,
  object: WorkloadObject,
  pods: readonly V1Pod[],
  sets: readonly V1ReplicaSet[],
): RolloutState {
  const isNew = newness(kind, object, sets)
  return {
    generation: object.metadata.generation ?? 0,
    observedGeneration: object.observedGeneration,
    desired: object.desired,
    updated: object.updated,
    available: object.available,
    done:
      isSeen(object) &&
      object.updated >= object.desired &&
      object.available >= object.desired &&
      object.total <= object.desired,
    pods: pods.map((pod) => rolloutPod(pod, isNew(pod))),
  }
}

/**
 * Which pods are of the newest template, whoever changed it and in whatever: by the mark of the ReplicaSet that runs the Deployment's present
 * template, by the StatefulSet's update revision. DaemonSets do not say which revision is the newest without a list of all of them and are
 * only ever restarted here, so that the restart's own annotation tells.
 */
function newness(
  kind: Workload['kind'],
  object: WorkloadObject,
  sets: readonly V1ReplicaSet[],
): (pod: V1Pod) => boolean {
  switch (kind) {
    case 'Deployment': {
      const hashes = newestHashes(object, sets)
      return ({ metadata }) => hashes.has(metadata?.labels?.['pod-template-hash'] ?? '')
    }
    case 'StatefulSet': {
      const newest = isSeen(object) ? object.updateRevision : undefined
      return ({ metadata }) => newest !== undefined && metadata?.labels?.['controller-revision-hash'] === newest
    }
    case 'DaemonSet': {
      const stamp = object.template.metadata?.annotations?.[RESTARTED_AT]
      return ({ metadata }) => metadata?.annotations?.[RESTARTED_AT] === stamp
    }
  }
}

function rolloutPod(pod: V1Pod, isNew: boolean): RolloutPod {
  const ready = isReady(pod)
  const trouble = troubleOf(pod, ready)
  return {
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    state: stateOf(pod, isNew, ready, trouble?.fails === true),
    restarts: restartsOf(pod),
    trouble: trouble?.reason,
  }
}

function stateOf(pod: V1Pod, isNew: boolean, ready: boolean, fails: boolean): RolloutPod['state'] {
  if (timeOf(pod.metadata?.deletionTimestamp) !== undefined) return 'stopping'
  if (!isNew) return 'old'
  if (fails) return 'failing'
  return ready ? 'ready' : 'starting'
}
