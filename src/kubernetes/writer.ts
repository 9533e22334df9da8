import type { V1Pod } from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { ClusterWriter, RolloutState } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import type { ClusterAccess, ClusterApi } from './connect.ts'
import { lazyCluster } from './connect.ts'
import type { ApiFailure } from './errors.ts'
import { apiFailure } from './errors.ts'
import type { WorkloadObject } from './workloads.ts'
import { readPods, readWorkload, timeOf } from './workloads.ts'

/** The annotation that `kubectl rollout restart` sets; the same value again changes nothing, which makes a repeated restart harmless. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt'
const STRATEGIC_MERGE = 'application/strategic-merge-patch+json'

/** A cluster with write credentials. `target` and `rollout` only read; `restart` is the one effect and may be repeated with the same stamp. */
export function clusterWriter(access: ClusterAccess): ClusterWriter {
  const connect = lazyCluster(access)
  return {
    target: (workload, signal) =>
      reading(access.cluster, `read ${workload.kind} ${workload.namespace}/${workload.name}`, async () => {
        const object = await readWorkload(await connect(), workload, signal)
        return {
          uid: object.metadata.uid ?? '',
          generation: object.metadata.generation ?? 0,
          resourceVersion: object.metadata.resourceVersion ?? '',
          replicas: object.desired,
          paused: object.paused,
          strategy: object.strategy,
          heldBack: object.heldBack,
          restartStamp: object.template.metadata?.annotations?.[RESTARTED_AT],
        }
      }),
    async restart(workload, stamp, resourceVersion, signal) {
      const api = await reading(access.cluster, 'connect', connect)
      const body = {
        metadata: { resourceVersion },
        spec: { template: { metadata: { annotations: { [RESTARTED_AT]: stamp } } } },
      }
      try {
        const { metadata } = await patch(api, workload, body, signal)
        return { result: 'applied', generation: metadata?.generation ?? 0 }
      } catch (error) {
        const failure = apiFailure(error)
        if (failure.status === 409) return { result: 'conflict' }
        throw new RemediationError(
          hadNoEffect(failure) ? 'none' : 'unknown',
          `Cluster ${access.cluster}, restart of ${workload.kind} ${workload.namespace}/${workload.name}: ${said(failure)}.`,
          error,
        )
      }
    },
    rollout: (workload, signal) =>
      reading(access.cluster, `follow ${workload.kind} ${workload.namespace}/${workload.name}`, async () => {
        const api = await connect()
        const object = await readWorkload(api, workload, signal)
        return rolloutState(object, await readPods(api, workload, object, signal))
      }),
  }
}

function patch(api: ClusterApi, { kind, namespace, name }: Workload, body: object, signal: AbortSignal) {
  const options = api.options(signal, STRATEGIC_MERGE)
  const request = { namespace, name, body, fieldManager: 'incbot' }
  switch (kind) {
    case 'Deployment':
      return api.apps.patchNamespacedDeployment(request, options)
    case 'StatefulSet':
      return api.apps.patchNamespacedStatefulSet(request, options)
    case 'DaemonSet':
      return api.apps.patchNamespacedDaemonSet(request, options)
  }
}

/** Done as `kubectl rollout status` sees it: the controller has seen the change, all pods are new and available, and none of the old are left. */
function rolloutState(object: WorkloadObject, pods: readonly V1Pod[]): RolloutState {
  const stamp = object.template.metadata?.annotations?.[RESTARTED_AT]
  const seen = object.observedGeneration >= (object.metadata.generation ?? 0)
  return {
    generation: object.metadata.generation ?? 0,
    observedGeneration: object.observedGeneration,
    desired: object.desired,
    updated: object.updated,
    available: object.available,
    done:
      seen && object.updated >= object.desired && object.available >= object.desired && object.total <= object.desired,
    pods: pods.map((pod) => ({ name: pod.metadata?.name ?? '', ...podState(pod, stamp) })),
  }
}

function podState(
  pod: V1Pod,
  stamp: string | undefined,
): { state: RolloutState['pods'][number]['state']; restarts: number } {
  const statuses = pod.status?.containerStatuses ?? []
  const restarts = statuses.reduce((sum, one) => sum + one.restartCount, 0)
  if (timeOf(pod.metadata?.deletionTimestamp) !== undefined) return { state: 'stopping', restarts }
  if (pod.metadata?.annotations?.[RESTARTED_AT] !== stamp) return { state: 'old', restarts }
  if (statuses.length > 0 && statuses.every((one) => one.ready)) return { state: 'ready', restarts }
  return { state: restarts > 0 ? 'failing' : 'starting', restarts }
}

/** Refusals change nothing, nor does what never arrived; silence, a broken answer or a 5xx may follow after it was done. */
function hadNoEffect({ status, neverSent }: ApiFailure): boolean {
  return status === undefined ? neverSent : status >= 300 && status < 500 && status !== 408
}

/** Reading changes nothing, so its failures are failures without effect. */
async function reading<T>(cluster: string, what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw new RemediationError('none', `Cluster ${cluster}, ${what}: ${said(apiFailure(error))}.`, error)
  }
}

function said({ status, message, timedOut }: ApiFailure): string {
  if (timedOut) return 'no answer in time'
  return status === undefined ? `no answer (${message})` : `${status} ${message}`
}
