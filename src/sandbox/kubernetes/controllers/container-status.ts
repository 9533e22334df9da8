import { createHash } from 'node:crypto'
import type { Condition } from '../object.ts'
import type { Container, ContainerStatus, Pod, PodStatus } from '../workloads.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An address in the pod network that is the pod's own as long as it lives. */
export function podAddress({ metadata }: Pod): string {
  const [a = 0, b = 0] = createHash('sha256')
    .update(metadata.uid ?? '')
    .digest()
  return `10.244.${a}.${Math.max(1, b)}`
}

/** The status of a container that runs since `at`; `previous` is what it was before it was started again. */
export function containerRunning(
  pod: Pod,
  { name, image }: Container,
  at: string,
  previous: ContainerStatus | undefined,
): ContainerStatus {
  const restartCount = previous ? previous.restartCount + 1 : 0
  return {
    name,
    image,
    imageID: `docker.io/library/${image}@sha256:${digest(image)}`,
    containerID: `containerd://${digest(`${pod.metadata.uid}/${name}/${restartCount}`)}`,
    ready: true,
    started: true,
    restartCount,
    state: { running: { startedAt: at } },
    lastState: previous?.state.terminated ? { terminated: previous.state.terminated } : {},
  }
}

/** The status of a pod that its node has accepted and not started yet. */
export function pendingStatus(pod: Pod, hostIP: string, at: string): PodStatus {
  return {
    ...pod.status,
    conditions: readyConditions(pod, 'False', at),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: at,
    qosClass: qosClass(pod.spec.containers),
    containerStatuses: pod.spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: '',
      ready: false,
      started: false,
      restartCount: 0,
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: {},
    })),
  }
}

/** The pod's conditions with `ready` for the pod and its containers; a condition that does not change keeps its time. */
export function readyConditions(pod: Pod, ready: 'True' | 'False', at: string): readonly Condition[] {
  const wanted = [
    ['PodReadyToStartContainers', ready === 'True' || pod.status.phase === 'Running' ? 'True' : 'False'],
    ['Initialized', 'True'],
    ['Ready', ready],
    ['ContainersReady', ready],
    ['PodScheduled', 'True'],
  ] as const
  return wanted.map(([type, status]) => {
    const present = pod.status.conditions?.find((condition) => condition.type === type)
    const unready = status === 'False' && (type === 'Ready' || type === 'ContainersReady')
    const names = pod.spec.containers.map(({ name }) => name).join(' ')
    const why = unready ? { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` } : {}
    const since = present?.status === status ? (present.lastTransitionTime ?? at) : at
    return { type, status, lastTransitionTime: since, ...why }
  })
}

function qosClass(containers: readonly Container[]): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const given = containers.flatMap(({ resources }) => [resources?.requests, resources?.limits]).filter(Boolean)
  if (given.length === 0) return 'BestEffort'
  const guaranteed = containers.every(({ resources }) =>
    ['cpu', 'memory'].every((name) => {
      const limit = resources?.limits?.[name]
      return limit !== undefined && resources?.requests?.[name] === limit
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
