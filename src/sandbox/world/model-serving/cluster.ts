import { type KubeObject, type KubernetesStandIn, startKubernetesStandIn } from '../../kubernetes/index.ts'
import { timestamp } from '../../kubernetes/object.ts'
import type { Pod } from '../../kubernetes/workloads.ts'
import { accounts } from '../accounts.ts'
import { CONTAINER, LIMIT, NAMESPACE, PODS, WORKLOAD } from './service.ts'

export const USERS = accounts(NAMESPACE, 'statefulsets')

const NINE_DAYS_MS = 9 * 24 * 3_600_000
/** Pods that start within minutes on a loaded machine are still no reason to give up. */
const START_DEADLINE_MS = 60_000

/** A cluster whose objects have been there for nine days and whose pods run. */
export async function startCluster(options: {
  readonly podStartMs: number
  readonly podStopMs: number
}): Promise<KubernetesStandIn> {
  let behindMs = NINE_DAYS_MS
  const cluster = await startKubernetesStandIn({
    ...options,
    users: Object.values(USERS),
    now: () => Date.now() - behindMs,
  })
  for (const object of objects()) cluster.apply(object)
  const end = Date.now() + START_DEADLINE_MS
  while (!PODS.every((name) => podNamed(cluster, name)?.status.phase === 'Running')) {
    if (Date.now() > end) throw new Error(`The pods of ${WORKLOAD} do not start.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  behindMs = 0
  return cluster
}

/** Makes a running pod look as if its container had died and started again, so many times, the last one at `at`. */
export function pretendRestarts(cluster: KubernetesStandIn, name: string, at: number, count: number): void {
  const pod = podNamed(cluster, name)
  const [first, ...others] = pod?.status.containerStatuses ?? []
  if (pod === undefined || first === undefined) throw new Error(`There is no running pod ${name}.`)
  const died = {
    exitCode: 137,
    reason: 'Error',
    startedAt: timestamp(at - 4.1 * 3_600_000),
    finishedAt: timestamp(at - 2_000),
  }
  const running = { ...first, restartCount: count, state: { running: { startedAt: timestamp(at) } } }
  const containerStatuses = [{ ...running, lastState: { terminated: died } }, ...others]
  cluster.apply({ ...pod, status: { ...pod.status, containerStatuses } })
}

export function podNamed(cluster: KubernetesStandIn, name: string): Pod | undefined {
  // Objects of kind Pod have passed the decoder for pods.
  return cluster.get('Pod', NAMESPACE, name) as Pod | undefined
}

function objects(): readonly KubeObject[] {
  const nodes = ['ip-10-0-1-17', 'ip-10-0-2-31', 'ip-10-0-3-8'].map((name) => node(`${name}.ec2.internal`))
  return [
    ...['ml', 'features'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...nodes,
    workload('DaemonSet', 'kube-system', 'node-exporter', { cpu: '100m', memory: '200Mi' }, {}),
    workload(
      'StatefulSet',
      NAMESPACE,
      WORKLOAD,
      { cpu: '6', memory: LIMIT },
      {
        replicas: PODS.length,
        serviceName: WORKLOAD,
        podManagementPolicy: 'Parallel',
      },
    ),
    workload('Deployment', 'features', 'feature-store', { cpu: '3', memory: '12Gi' }, { replicas: 2 }),
  ]
}

/** 128 GiB, of which the system keeps some for itself. */
function node(name: string): KubeObject {
  const amounts = (cpu: string, memory: string) => ({ cpu, memory, pods: '110' })
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'node.kubernetes.io/instance-type': 'r6i.4xlarge' } },
    status: { capacity: amounts('16', '128Gi'), allocatable: amounts('15890m', '121Gi') },
  }
}

function workload(
  kind: 'DaemonSet' | 'Deployment' | 'StatefulSet',
  namespace: string,
  name: string,
  resources: Readonly<Record<string, string>>,
  spec: Readonly<Record<string, unknown>>,
): KubeObject {
  const container = kind === 'StatefulSet' ? CONTAINER : name
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...spec,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: container,
              image: `registry.example.com/${name}:2.14.1`,
              resources: { requests: resources, limits: { memory: resources.memory } },
            },
          ],
        },
      },
    },
  }
}
