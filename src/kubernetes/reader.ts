import type { V1Node, V1Pod } from '@kubernetes/client-node'
import type { Answer, ClusterSource, DataSource, NodeFacts, PodFacts } from '../datasources/datasource.ts'
import type { Workload } from '../domain/service.ts'
import type { ClusterAccess, ClusterApi } from './connect.ts'
import { lazyCluster } from './connect.ts'
import { clusterSourceError } from './errors.ts'
import { parseQuantity } from './quantity.ts'
import { containerOf, readPods, readRevisions, readWorkload, timeOf } from './workloads.ts'

/** A cluster as a data source; needs `get`, `list` and `watch` on workloads, pods, replica sets and nodes, nothing more. */
export function clusterReader(access: ClusterAccess, now: () => number): DataSource {
  const connect = lazyCluster(access)

  async function ask<T>(
    question: string,
    permission: string,
    read: (api: ClusterApi) => Promise<T>,
  ): Promise<Answer<T>> {
    try {
      return { value: await read(await connect()), query: question, asOf: now(), warnings: [] }
    } catch (error) {
      throw clusterSourceError(access.cluster, question, permission, error)
    }
  }

  const cluster: ClusterSource = {
    workload: (workload, signal) =>
      ask(
        `read ${describe(workload)}`,
        `get ${workload.kind.toLowerCase()}s and list their revisions in namespace ${workload.namespace}`,
        async (api) => {
          const object = await readWorkload(api, workload, signal)
          const container = containerOf(workload, object.template.spec?.containers ?? [])
          return {
            uid: object.metadata.uid ?? '',
            generation: object.metadata.generation ?? 0,
            replicas: object.desired,
            readyReplicas: object.ready,
            memoryLimitBytes: parseQuantity(container?.resources?.limits?.memory),
            memoryRequestBytes: parseQuantity(container?.resources?.requests?.memory),
            revisions: await readRevisions(api, workload, object, signal),
          }
        },
      ),
    pods: (workload, signal) =>
      ask(`list pods of ${describe(workload)}`, `list pods in namespace ${workload.namespace}`, async (api) => {
        const object = await readWorkload(api, workload, signal)
        return (await readPods(api, workload, object, signal)).map((pod) => podFacts(workload, pod))
      }),
    nodes: (names, signal) =>
      ask(`read nodes ${names.join(', ')}`, 'get nodes, and list pods in all namespaces', (api) =>
        Promise.all(names.map(async (name) => readNode(api, name, signal))),
      ),
  }
  return {
    name: access.cluster,
    type: 'kubernetes',
    cluster,
    probe: async (signal) => {
      await ask('read its version', 'list namespaces', async (api) =>
        api.core.listNamespace({ limit: 1 }, api.options(signal)),
      )
    },
  }
}

async function readNode(api: ClusterApi, name: string, signal: AbortSignal): Promise<NodeFacts> {
  const [node, { items }] = await Promise.all([
    api.core.readNode({ name }, api.options(signal)),
    api.core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${name}` }, api.options(signal)),
  ])
  const running = items.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
  const daemons = running.filter((pod) => pod.metadata?.ownerReferences?.some((owner) => owner.kind === 'DaemonSet'))
  return {
    ...nodeFacts(node),
    requestedBytes: sum(running.map(requested)),
    daemonSetRequestedBytes: sum(daemons.map(requested)),
  }
}

function nodeFacts(node: V1Node): Omit<NodeFacts, 'requestedBytes' | 'daemonSetRequestedBytes'> {
  return {
    name: node.metadata?.name ?? '',
    capacityBytes: parseQuantity(node.status?.capacity?.memory) ?? 0,
    allocatableBytes: parseQuantity(node.status?.allocatable?.memory) ?? 0,
    unschedulable: node.spec?.unschedulable === true,
  }
}

function podFacts(workload: Workload, pod: V1Pod): PodFacts {
  const container = containerOf(workload, pod.spec?.containers ?? [])
  const status = pod.status?.containerStatuses?.find((one) => one.name === container?.name)
  const terminated = status?.lastState?.terminated
  return {
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    node: pod.spec?.nodeName,
    phase: pod.status?.phase ?? 'Unknown',
    ready: status?.ready === true,
    restarts: status?.restartCount ?? 0,
    startedAt: timeOf(status?.state?.running?.startedAt),
    memoryLimitBytes: parseQuantity(container?.resources?.limits?.memory),
    memoryRequestBytes: parseQuantity(container?.resources?.requests?.memory),
    lastTermination: terminated && {
      reason: terminated.reason ?? 'unknown',
      exitCode: terminated.exitCode,
      at: timeOf(terminated.finishedAt) ?? 0,
    },
  }
}

/** The scheduler counts the sum over containers; an init container counts where it alone asks for more. */
function requested(pod: V1Pod): number {
  const memory = (container: { resources?: { requests?: Record<string, string> } }) =>
    parseQuantity(container.resources?.requests?.memory) ?? 0
  return Math.max(sum((pod.spec?.containers ?? []).map(memory)), ...(pod.spec?.initContainers ?? []).map(memory), 0)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function describe({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`
}
