import type { KubernetesStandIn } from '../../kubernetes/index.ts'
import type { Fleet } from './fleet.ts'
import { LIMIT_BYTES, NAMESPACE } from './service.ts'

export interface LifecycleEvents {
  readonly onStarted: (pod: string) => void
  readonly onStopped: (pod: string) => void
  readonly onOutOfMemory: (pod: string, bytes: number) => void
}

/** Ties processes to pods: a container that starts is a new process, a pod that goes takes its process along. */
export function followPods(cluster: KubernetesStandIn, fleet: Fleet, events: LifecycleEvents): void {
  cluster.onPodRunning(({ metadata }) => {
    if (metadata.namespace !== NAMESPACE || !fleet.pods.includes(metadata.name)) return
    fleet.start(metadata.name, Date.now())
    events.onStarted(metadata.name)
  })
  cluster.onPodGone(({ metadata }) => {
    if (metadata.namespace !== NAMESPACE || !fleet.pods.includes(metadata.name)) return
    fleet.stop(metadata.name)
    events.onStopped(metadata.name)
  })
}

/** The kernel ends what is over its limit, without a warning. */
export function killOutOfMemory(cluster: KubernetesStandIn, fleet: Fleet, events: LifecycleEvents): void {
  for (const pod of fleet.pods) {
    const bytes = fleet.server(pod)?.memoryBytes ?? 0
    if (bytes <= LIMIT_BYTES) continue
    fleet.stop(pod)
    cluster.killPod(NAMESPACE, pod, { reason: 'OOMKilled', exitCode: 137 })
    events.onOutOfMemory(pod, bytes)
  }
}
