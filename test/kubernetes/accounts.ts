import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterSource } from '../../src/datasources/datasource.ts'
import type { Workload, WorkloadKind } from '../../src/domain/service.ts'
import { clusterObserver } from '../../src/kubernetes/observer.ts'
import { clusterReader } from '../../src/kubernetes/reader.ts'
import { clusterWriter } from '../../src/kubernetes/writer.ts'
import type { KubernetesStandIn, PolicyRule } from '../../src/sandbox/kubernetes/index.ts'

const LOOK = ['get', 'list', 'watch']

/** A user that may look at everything but what `without` names. */
export function lookerWithout(name: string, without: readonly string[]) {
  const rule = (group: string, resources: readonly string[]): PolicyRule => ({
    apiGroups: [group],
    resources: resources.filter((one) => !without.includes(one)),
    verbs: LOOK,
  })
  return {
    name,
    token: `${name}-token`,
    rules: [
      rule('', ['nodes', 'pods', 'namespaces']),
      rule('apps', ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'controllerrevisions']),
      rule('policy', ['poddisruptionbudgets']),
      rule('autoscaling', ['horizontalpodautoscalers']),
    ],
  }
}

const folders: string[] = []

/** A kubeconfig file of the stand-in, as a person would have one. */
export function kubeconfigOf(cluster: KubernetesStandIn, user: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'incbot-kubeconfig-'))
  folders.push(folder)
  const path = join(folder, 'config')
  writeFileSync(path, cluster.kubeconfig(user))
  return path
}

export function removeKubeconfigs(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
}

const access = (cluster: KubernetesStandIn, user: string, timeoutMs: number) => ({
  cluster: 'prod',
  kubeconfig: kubeconfigOf(cluster, user),
  timeoutMs,
})

export function readerOf(cluster: KubernetesStandIn, user = 'admin', timeoutMs = 3_000) {
  const source = clusterReader(access(cluster, user, timeoutMs), Date.now)
  return { source, cluster: clusterOf(source.cluster) }
}

function clusterOf(offered: ClusterSource | undefined): ClusterSource {
  if (offered === undefined) throw new Error('A cluster offers to read clusters.')
  return offered
}

export const writerOf = (cluster: KubernetesStandIn, user = 'admin', timeoutMs = 3_000) =>
  clusterWriter(access(cluster, user, timeoutMs))

export const observerOf = (cluster: KubernetesStandIn, user = 'admin', timeoutMs = 3_000) =>
  clusterObserver(access(cluster, user, timeoutMs))

export const aWorkload = (kind: WorkloadKind, name = 'web'): Workload => ({
  cluster: 'prod',
  namespace: 'default',
  kind,
  name,
})

export const inTime = (): AbortSignal => AbortSignal.timeout(10_000)
