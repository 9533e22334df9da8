import type { V1Pod } from '@kubernetes/client-node'
import type { Answer, ClusterSource, DataSource, NodeFacts, PodFacts } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Workload } from '../domain/service.ts'
import type { ClusterAccess, ClusterApi } from './connect.ts'
import { lazyCluster } from './connect.ts'
import { describe, toRead } from './describe.ts'
import { clusterSourceError } from './errors.ts'
import { requestsOf } from './pod-requests.ts'
import { parseQuantity } from './quantity.ts'
import { readRevisions } from './revisions.ts'
import { containerOf, readPods, readWorkload, timeOf } from './workloads.ts'

/** A cluster as a data source; needs `get` and `list` on workloads, their revisions, pods and nodes, nothing more. */
export function clusterReader(access: ClusterAccess, now: () => number): DataSource {
  const connect = lazyCluster(access)

  /** Puts one question; `need` names the permission that each of its calls takes. */
  async function ask<T>(
    question: string,
    put: (api: ClusterApi, need: Need, warnings: string[]) => Promise<T>,
  ): Promise<Answer<T>> {
    const need: Need = async (permission, call) => {
      try {
        return await call
      } catch (error) {
        throw clusterSourceError(access.cluster, question, permission, error)
      }
    }
    const api = await need('read the kubeconfig', connect())
    const warnings: string[] = []
    return { value: await put(api, need, warnings), query: question, asOf: now(), warnings }
  }

  const cluster: ClusterSource = {
    workload: (workload, signal) =>
      ask(`read ${describe(workload)}`, async (api, need, warnings) => {
        const object = await need(toRead(workload), readWorkload(api, workload, signal))
        const container = containerOf(workload, object.template.spec?.containers ?? [])
        // Its history is a side matter: without it the limit is still worth knowing.
        const revisions = await need(
          `list ${revisionsOf(workload)} in namespace ${workload.namespace}`,
          readRevisions(api, workload, object, signal),
        ).catch((error: unknown) => {
          if (!(error instanceof SourceError)) throw error
          warnings.push(`the revisions are not known: ${error.message}`)
          return []
        })
        return {
          uid: object.metadata.uid ?? '',
          generation: object.metadata.generation ?? 0,
          replicas: object.desired,
          readyReplicas: object.ready,
          memoryLimitBytes: parseQuantity(container?.resources?.limits?.memory),
          memoryRequestBytes: parseQuantity(container?.resources?.requests?.memory),
          revisions,
        }
      }),
    pods: (workload, signal) =>
      ask(`list pods of ${describe(workload)}`, async (api, need) => {
        const object = await need(toRead(workload), readWorkload(api, workload, signal))
        const pods = await need(`list pods in namespace ${workload.namespace}`, readPods(api, workload, object, signal))
        return pods.map((pod) => podFacts(workload, pod))
      }),
    nodes: (names, signal) =>
      ask(`read nodes ${names.join(', ')}`, (api, need) =>
        Promise.all(names.map((name) => readNode(api, need, access.cluster, name, signal))),
      ),
  }
  const probe = async (signal: AbortSignal): Promise<void> => {
    await ask('read its version', (api, need) =>
      need('get /version', api.version.getCode(undefined, api.options(signal))),
    )
  }
  return {
    name: access.cluster,
    type: 'kubernetes',
    cluster,
    probe,
    // Importing the client takes most of a second.
    warm: (signal) => probe(signal).catch(() => undefined),
  }
}

type Need = <T>(permission: string, call: Promise<T>) => Promise<T>

async function readNode(
  api: ClusterApi,
  need: Need,
  cluster: string,
  name: string,
  signal: AbortSignal,
): Promise<NodeFacts> {
  const [node, { items }] = await Promise.all([
    need('get nodes', api.core.readNode({ name }, api.options(signal))),
    need(
      'list pods in all namespaces',
      api.core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${name}` }, api.options(signal)),
    ),
  ])
  const capacityBytes = parseQuantity(node.status?.capacity?.memory)
  const allocatableBytes = parseQuantity(node.status?.allocatable?.memory)
  if (capacityBytes === undefined || allocatableBytes === undefined)
    throw new SourceError('missing', cluster, `Cluster ${cluster}: node ${name} does not say how much memory it has.`)
  const running = items.filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
  const daemons = running.filter((pod) => pod.metadata?.ownerReferences?.some((owner) => owner.kind === 'DaemonSet'))
  return {
    name,
    capacityBytes,
    allocatableBytes,
    requestedBytes: sum(running.map(requested)),
    daemonSetRequestedBytes: sum(daemons.map(requested)),
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

function requested(pod: V1Pod): number {
  return requestsOf(pod.spec).get('memory') ?? 0
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function revisionsOf({ kind }: Workload): string {
  return kind === 'Deployment' ? 'replicasets' : 'controllerrevisions'
}
