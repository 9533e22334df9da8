import { type Condition, type KubeObject, timestamp } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { ContainerStatus, Node, Pod, TerminatedState } from '../workloads.ts'
import { containerRunning, pendingStatus, podAddress, readyConditions } from './container-status.ts'
import type { RecordEvent } from './events.ts'
import { type ControlLoop, type Controller, keyOf } from './loop.ts'
import { isNodeReady } from './node-fit.ts'
import { isReady, isTerminating } from './pods.ts'

/** What a node does with a pod next; each is begun once and takes the time that the options say. */
type Task = 'start' | 'restart' | 'stop'

/** How long a container takes to start, or somebody who decides when each of them has: called once for each start. */
export type PodStart = number | ((pod: KubeObject, started: () => void) => void)

export interface KubeletOptions {
  readonly podStartMs: PodStart
  readonly podStopMs: number
  readonly later: ControlLoop['later']
  readonly onRunning: (pod: KubeObject) => void
}

export interface Kubelet extends Controller {
  /** Ends the first container of a running pod; the node then starts it again in place. Throws if the pod is not running. */
  kill(pod: Pod, termination: { readonly reason: string; readonly exitCode: number }): void
}

/** Every node's agent: starts, restarts and stops the pods bound to nodes that are ready. */
export function kubelet(registry: Registry, record: RecordEvent, options: KubeletOptions): Kubelet {
  const { store } = registry
  const begun = new Set<string>()

  const writeStatus = (pod: Pod, status: Pod['status']): Pod =>
    registry.update('Pod', pod, { ...pod, status }, 'status')

  /** Runs `finish` after `ms` on the pod as it is then, if it still exists and its node still works. */
  const begin = (task: Task, pod: Pod, takes: PodStart, finish: (current: Pod) => void): void => {
    const id = `${task}/${pod.metadata.uid}`
    if (begun.has(id)) return
    begun.add(id)
    const end = (): void => {
      begun.delete(id)
      const current = store.get('Pod', pod.metadata.namespace, pod.metadata.name)
      if (current && current.metadata.uid === pod.metadata.uid && worksOn(current)) finish(current)
    }
    if (typeof takes === 'number') options.later(takes, end)
    else takes(pod, () => options.later(0, end))
  }

  const worksOn = ({ spec }: Pod): boolean => {
    const node = store.get('Node', undefined, spec.nodeName ?? '')
    return node !== undefined && isNodeReady(node)
  }

  const start = (pod: Pod): void => {
    if (isTerminating(pod)) return
    const at = timestamp(registry.now())
    const containerStatuses = pod.spec.containers.map((container) => containerRunning(pod, container, at, undefined))
    const address = podAddress(pod)
    const conditions = readyConditions(pod, 'True', at)
    const running = writeStatus(pod, {
      ...pod.status,
      phase: 'Running',
      conditions,
      podIP: address,
      podIPs: [{ ip: address }],
      containerStatuses,
    })
    record('kubelet', running, 'Normal', 'Started', `Started container ${pod.spec.containers[0]?.name}`)
    options.onRunning(running)
  }

  const restart = (pod: Pod): void => {
    if (isTerminating(pod)) return
    const at = timestamp(registry.now())
    const containerStatuses = pod.status.containerStatuses?.map((status) => {
      const container = pod.spec.containers.find(({ name }) => name === status.name)
      return container && status.state.terminated ? containerRunning(pod, container, at, status) : status
    })
    const conditions = readyConditions(pod, 'True', at)
    const running = writeStatus(pod, { ...pod.status, conditions, ...(containerStatuses ? { containerStatuses } : {}) })
    record('kubelet', running, 'Normal', 'Started', `Started container ${pod.spec.containers[0]?.name}`)
    options.onRunning(running)
  }

  return {
    name: 'kubelet',
    affected({ kind, type, object }) {
      if (kind === 'Pod' && type !== 'DELETED') return [keyOf(object)]
      const onNode = ({ spec }: Pod): boolean => spec.nodeName === object.metadata.name
      return kind === 'Node' ? store.list('Pod').filter(onNode).map(keyOf) : []
    },
    reconcile({ namespace, name }) {
      const pod = store.get('Pod', namespace, name)
      if (!pod?.spec.nodeName) return undefined
      const node = store.get('Node', undefined, pod.spec.nodeName)
      // The control plane, not the silent node, marks the pods of a node that is not ready.
      if (!worksOn(pod)) {
        if (isReady(pod)) writeStatus(pod, { ...pod.status, conditions: unready(pod, registry.now()) })
        return undefined
      }
      if (isTerminating(pod)) {
        begin('stop', pod, options.podStopMs, (current) => {
          record('kubelet', current, 'Normal', 'Killing', `Stopping container ${pod.spec.containers[0]?.name}`)
          store.remove('Pod', current)
        })
      } else if (pod.status.phase === 'Pending') {
        if (!pod.status.startTime) writeStatus(pod, pendingStatus(pod, hostAddress(node), timestamp(registry.now())))
        begin('start', pod, options.podStartMs, start)
      } else if (pod.status.containerStatuses?.some(({ state }) => state.terminated)) {
        begin('restart', pod, options.podStartMs, restart)
      } else if (!isReady(pod) && pod.status.phase === 'Running') {
        writeStatus(pod, { ...pod.status, conditions: readyConditions(pod, 'True', timestamp(registry.now())) })
      }
      return undefined
    },
    kill(pod, { reason, exitCode }) {
      const [first, ...others] = pod.status.containerStatuses ?? []
      if (!first?.state.running) {
        throw new Error(`Pod ${pod.metadata.namespace}/${pod.metadata.name} is not running, so nothing in it can die.`)
      }
      const at = timestamp(registry.now())
      const { startedAt } = first.state.running
      const terminated: TerminatedState = {
        exitCode,
        reason,
        startedAt,
        finishedAt: at,
        containerID: first.containerID ?? '',
      }
      const dead: ContainerStatus = { ...first, ready: false, started: false, state: { terminated } }
      const conditions = readyConditions(pod, 'False', at)
      writeStatus(pod, { ...pod.status, conditions, containerStatuses: [dead, ...others] })
    },
  }
}

const hostAddress = (node: Node | undefined): string =>
  node?.status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '127.0.0.1'

const unready = (pod: Pod, nowMs: number): readonly Condition[] =>
  (pod.status.conditions ?? []).map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: timestamp(nowMs) } : condition,
  )
