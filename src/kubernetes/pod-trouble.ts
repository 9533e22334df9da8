import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node'

/** Reasons for waiting that do not go away by waiting (`pkg/kubelet/images/types.go`, `pkg/kubelet/container/sync_result.go`). */
const STUCK: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImageNeverPull',
  'ErrImagePull',
  'ImageInspectError',
  'ImagePullBackOff',
  'InvalidImageName',
  'PostStartHookError',
  'PreCreateHookError',
  'RunContainerError',
])

const OUT_OF_MEMORY = 'OOMKilled'

/** Why a pod fails, in Kubernetes' word, and whether that is more than a slow start; undefined while nothing is wrong. */
export interface Trouble {
  readonly reason: string
  readonly fails: boolean
}

/** Memory first: that a container crashes again and again is said by its restarts, why it does only by how it ended. */
export function troubleOf(pod: V1Pod, ready: boolean): Trouble | undefined {
  const statuses = containersOf(pod)
  if (statuses.some(wasKilledForMemory)) return { reason: OUT_OF_MEMORY, fails: true }
  const stuck = statuses.map((one) => one.state?.waiting?.reason ?? '').find((reason) => STUCK.has(reason))
  if (stuck !== undefined) return { reason: stuck, fails: true }
  if (ready) return undefined
  const crashed = statuses.find(({ restartCount }) => restartCount > 1)
  if (crashed !== undefined)
    return {
      reason: crashed.state?.terminated?.reason ?? crashed.lastState?.terminated?.reason ?? 'Restarted',
      fails: true,
    }
  // A node may still come: an autoscaler brings one, or a pod goes.
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
  return scheduled?.status === 'False' ? { reason: scheduled.reason ?? 'Unschedulable', fails: false } : undefined
}

export function restartsOf(pod: V1Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, one) => sum + one.restartCount, 0)
}

/** By its condition, which counts readiness gates; by its containers where it has no conditions yet. */
export function isReady({ status }: V1Pod): boolean {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready')
  if (condition !== undefined) return condition.status === 'True'
  const containers = status?.containerStatuses ?? []
  return containers.length > 0 && containers.every((one) => one.ready)
}

function containersOf({ status }: V1Pod): readonly V1ContainerStatus[] {
  return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
}

function wasKilledForMemory({ state, lastState }: V1ContainerStatus): boolean {
  return state?.terminated?.reason === OUT_OF_MEMORY || lastState?.terminated?.reason === OUT_OF_MEMORY
}
