import type { Workload } from '../../src/domain/service.ts'
import type { Applied } from '../../src/remediations/cluster.ts'
import type { KubernetesStandIn, KubernetesStandInOptions } from '../../src/sandbox/kubernetes/index.ts'
import {
  ADMIN,
  aDaemonSet,
  aDeployment,
  aNode,
  aStatefulSet,
  READER,
  see,
  settled,
  startCluster,
} from '../sandbox/kubernetes/cluster.ts'
import { aWorkload } from './accounts.ts'

export const WEB = aWorkload('Deployment')
export const DB = aWorkload('StatefulSet', 'db')
export const AGENT = aWorkload('DaemonSet', 'agent')
/** The autoscaler of `WEB`, where there is one. */
export const HPA = { namespace: 'default', name: 'web' }
export const STAMP = '2026-03-15T03:42:00.000Z'

/** One node and one workload of each kind, all at rest. */
export async function startSmallCluster({
  users = [],
  ...options
}: Partial<KubernetesStandInOptions> = {}): Promise<KubernetesStandIn> {
  const cluster = await startCluster({ users: [ADMIN, READER, ...users], ...options })
  cluster.apply(aNode())
  cluster.apply(aDeployment('web'))
  cluster.apply(aStatefulSet('db'))
  cluster.apply(aDaemonSet('agent'))
  await Promise.all([
    settled(cluster, 'Deployment', 'web'),
    settled(cluster, 'StatefulSet', 'db'),
    settled(cluster, 'DaemonSet', 'agent'),
  ])
  return cluster
}

export const stored = (cluster: KubernetesStandIn, { kind, name }: Pick<Workload, 'kind' | 'name'>) =>
  see(cluster.get(kind, 'default', name))

export const versionOf = (
  cluster: KubernetesStandIn,
  { kind, name }: { readonly kind: string; readonly name: string },
) => see(cluster.get(kind, 'default', name)).metadata.resourceVersion ?? ''

/** A status may change between reading and writing, which is a conflict like any other: tries until it wins. */
export async function winning(
  cluster: KubernetesStandIn,
  of: { readonly kind: string; readonly name: string },
  attempt: (resourceVersion: string) => Promise<Applied>,
): Promise<Applied> {
  for (;;) {
    const result = await attempt(versionOf(cluster, of))
    if (result.result === 'applied') return result
  }
}

/** What a promise is rejected with; undefined if it is not. */
export const failureOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error: unknown) => error,
  )
