import { readyConditions } from '../../kubernetes/controllers/container-status.ts'
import { type KubeObject, type KubernetesStandIn, startKubernetesStandIn } from '../../kubernetes/index.ts'
import { timestamp } from '../../kubernetes/object.ts'
import type { Deployment, Pod } from '../../kubernetes/workloads.ts'
import { accounts } from '../accounts.ts'
import {
  AGENT_MEMORY,
  ALLOCATABLE,
  CAPACITY,
  CONTAINER,
  CORES,
  MACHINE,
  NAMESPACE,
  SPARE,
  WORKLOAD,
} from './service.ts'
import type { Death } from './system.ts'

export const USERS = accounts(NAMESPACE, 'deployments')

/** Since when everything has been there. */
export const NINE_DAYS_MS = 9 * 24 * 3_600_000
/** Pods that start within minutes on a loaded machine are still no reason to give up. */
const START_DEADLINE_MS = 60_000

/** A cluster for the service and who decides when its pods have started. */
export interface SurgeCluster {
  readonly kubernetes: KubernetesStandIn
  /** From now on the replicas' containers start when `start` is called for them, and not at once. */
  takeOver(events: { readonly onStarting: (pod: string) => void; readonly onGone: (pod: string) => void }): void
  /** Starts the container of a replica that Kubernetes wants to be started. Returns false for any other. */
  start(pod: string): boolean
  isStarting(pod: string): boolean
  /** The kernel ends its container, if it runs. */
  kill(pod: string): void
  nodeOf(pod: string): string
  /** Sets the size of a deployment, and has a node for each of its replicas. */
  scale(deployment: string, replicas: number): void
  pods(deployment: string): readonly Pod[]
}

/** A cluster with so many replicas of the service, whose objects have been there for nine days. */
export async function startCluster(options: {
  readonly replicas: number
  readonly podStopMs: number
}): Promise<SurgeCluster> {
  let behindMs = NINE_DAYS_MS
  let onStarting: ((pod: string) => void) | undefined
  const starting = new Map<string, () => void>()
  const kubernetes = await startKubernetesStandIn({
    podStopMs: options.podStopMs,
    podStartMs(pod, started) {
      const { namespace, name } = pod.metadata
      if (onStarting === undefined || namespace !== NAMESPACE) return started()
      starting.set(name, started)
      onStarting(name)
    },
    users: Object.values(USERS),
    now: () => Date.now() - behindMs,
  })
  const cluster: SurgeCluster = {
    kubernetes,
    takeOver(events) {
      onStarting = events.onStarting
      kubernetes.onPodGone(({ metadata }) => {
        if (metadata.namespace !== NAMESPACE) return
        starting.delete(metadata.name)
        events.onGone(metadata.name)
      })
    },
    start(pod) {
      const started = starting.get(pod)
      starting.delete(pod)
      started?.()
      return started !== undefined
    },
    isStarting: (pod) => starting.has(pod),
    kill(name) {
      if (podNamed(kubernetes, name)?.status.containerStatuses?.[0]?.state.running === undefined) return
      kubernetes.killPod(NAMESPACE, name, { reason: 'OOMKilled', exitCode: 137 })
    },
    nodeOf: (name) => podNamed(kubernetes, name)?.spec.nodeName ?? 'unscheduled',
    scale(name, replicas) {
      // Objects of kind Deployment have passed the decoder for deployments.
      const before = kubernetes.get('Deployment', NAMESPACE, name) as Deployment | undefined
      for (let index = 1; index <= replicas; index += 1) {
        const added = node(name, index)
        if (kubernetes.get('Node', undefined, added.metadata.name) === undefined) kubernetes.apply(added)
      }
      kubernetes.apply(before ? { ...before, spec: { ...before.spec, replicas } } : deployment(name, replicas))
    },
    pods: (name) =>
      // Objects of kind Pod have passed the decoder for pods.
      (kubernetes.list('Pod', NAMESPACE) as readonly Pod[]).filter(({ metadata }) => metadata.labels?.app === name),
  }
  for (const object of objects()) kubernetes.apply(object)
  cluster.scale(WORKLOAD, options.replicas)
  const end = Date.now() + START_DEADLINE_MS
  while (cluster.pods(WORKLOAD).filter(({ status }) => status.phase === 'Running').length < options.replicas) {
    if (Date.now() > end) throw new Error(`The pods of ${WORKLOAD} do not start.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  behindMs = 0
  return cluster
}

/**
 * Makes a running pod look as if its container had died again and again, and had started the last time at `startedAt`; without that, as if
 * it were still dead.
 */
export function pretendDeaths(
  kubernetes: KubernetesStandIn,
  pod: Pod,
  deaths: readonly Death[],
  startedAt: number | undefined,
): void {
  const [first, ...others] = pod.status.containerStatuses ?? []
  if (first === undefined) throw new Error(`${pod.metadata.name} does not run.`)
  const end = (death: Death) => ({
    ...{ exitCode: 137, reason: 'OOMKilled', containerID: `containerd://${pod.metadata.uid ?? ''}/${death.at}` },
    startedAt: timestamp(death.startedAt),
    finishedAt: timestamp(death.at),
  })
  const [last, before] = [deaths.at(-1), deaths.at(-2)]
  const isDead = startedAt === undefined && last !== undefined
  const previous = isDead ? before : last
  const status = {
    ...first,
    ready: !isDead,
    started: !isDead,
    restartCount: deaths.length - (isDead ? 1 : 0),
    state: isDead ? { terminated: end(last) } : { running: { startedAt: timestamp(startedAt ?? 0) } },
    lastState: previous === undefined ? {} : { terminated: end(previous) },
  }
  const conditions = isDead ? readyConditions(pod, 'False', timestamp(last.at)) : (pod.status.conditions ?? [])
  kubernetes.apply({ ...pod, status: { ...pod.status, conditions, containerStatuses: [status, ...others] } })
}

function podNamed(kubernetes: KubernetesStandIn, name: string): Pod | undefined {
  // Objects of kind Pod have passed the decoder for pods.
  return kubernetes.get('Pod', NAMESPACE, name) as Pod | undefined
}

function objects(): readonly KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'node-agent', namespace: 'kube-system', labels: { app: 'node-agent' } },
      spec: ofApp('node-agent', 'node-agent', { cpu: '100m', memory: AGENT_MEMORY }),
    },
  ]
}

/** A name that sorts as the nodes were added. */
function node(deploymentName: string, index: number): KubeObject {
  const name = `gke-reco-${deploymentName}-${String(index).padStart(3, '0')}`
  const amounts = (cpu: string, memory: string) => ({ cpu, memory, pods: '110' })
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'node.kubernetes.io/instance-type': MACHINE } },
    status: { capacity: amounts(String(CORES), CAPACITY), allocatable: amounts('7910m', ALLOCATABLE) },
  }
}

/** One pod fills a node; a limit of its own it has none. */
function deployment(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NAMESPACE, labels: { app: name, rotation: name === SPARE ? 'out' : 'in' } },
    spec: { replicas, ...ofApp(name, CONTAINER, { cpu: '7', memory: '3Gi' }) },
  }
}

function ofApp(app: string, container: string, requests: Readonly<Record<string, string>>) {
  return {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        containers: [{ name: container, image: `registry.example.com/${container}:7.3.0`, resources: { requests } }],
      },
    },
  }
}
