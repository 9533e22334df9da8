import type { ClusterConfig, Config, KubernetesCredentials } from '../config/config.ts'
import type { DataSource, DataSourceDeps } from '../datasources/datasource.ts'
import { guarded } from '../datasources/guard/index.ts'
import type { SourceMeter } from '../datasources/guard/meter.ts'
import { dataSourceKinds } from '../datasources/index.ts'
import type { FreezeGuard } from '../freeze/guard.ts'
import { admissionGuard } from '../kubernetes/admission-guard.ts'
import { clusterObserver } from '../kubernetes/observer.ts'
import { clusterReader } from '../kubernetes/reader.ts'
import { clusterWriter } from '../kubernetes/writer.ts'
import type { ClusterObserver, ClusterWriter } from '../remediations/cluster.ts'
import { RemediationError } from '../remediations/remediation.ts'

const CLUSTER_TIMEOUT_MS = 8_000

/** Everything that checks may ask: data sources and clusters, by name. Connects to nothing yet. */
export function openSources(config: Config, deps: DataSourceDeps): ReadonlyMap<string, DataSource> {
  const sources = config.dataSources.map(({ name, type, settings }): [string, DataSource] => {
    const kind = dataSourceKinds.find((one) => one.type === type)
    if (kind === undefined) throw new Error(`There is no data source of type ${type}`)
    return [name, kind.open(name, settings, deps)]
  })
  const clusters = config.clusters.map((cluster): [string, DataSource] => [
    cluster.name,
    clusterReader(access(cluster, cluster.read), deps.now),
  ])
  return new Map([...sources, ...clusters])
}

/** The same sources, for a process that many incidents share: none of them can pile up questions in front of one. */
export function guardSources(
  sources: ReadonlyMap<string, DataSource>,
  deps: { readonly now: () => number; readonly meter: SourceMeter },
): ReadonlyMap<string, DataSource> {
  return new Map([...sources].map(([name, source]) => [name, guarded(source, deps)]))
}

/** What may change a cluster: those that have write credentials, which are never the ones for reading. */
export function openWriters(config: Config): (cluster: string) => ClusterWriter {
  const writers = new Map(
    config.clusters.flatMap((cluster) =>
      cluster.write === undefined ? [] : [[cluster.name, clusterWriter(access(cluster, cluster.write))] as const],
    ),
  )
  return (name) => {
    const writer = writers.get(name)
    if (writer === undefined)
      throw new RemediationError(
        'none',
        `Cluster ${name} has no \`write\` credentials in incbot.yaml, so nothing in it can be changed.`,
      )
    return writer
  }
}

/** The clusters that refuse frozen deploys themselves. */
export function openGuards(config: Config): readonly FreezeGuard[] {
  return config.clusters.flatMap((cluster) => {
    const { admission, write } = cluster
    if (admission === undefined || write === undefined) return []
    return [admissionGuard(access(cluster, write), { ...admission, command: config.slack.command })]
  })
}

/** What only looks at a cluster for a remediation, with the credentials for reading. */
export function openObservers(config: Config): (cluster: string) => ClusterObserver {
  const observers = new Map(
    config.clusters.map((cluster) => [cluster.name, clusterObserver(access(cluster, cluster.read))] as const),
  )
  return (name) => {
    const observer = observers.get(name)
    if (observer === undefined)
      throw new RemediationError(
        'none',
        `There is no cluster ${name} under \`clusters\` in incbot.yaml, so nothing can be looked up in it.`,
      )
    return observer
  }
}

function access({ name }: ClusterConfig, credentials: KubernetesCredentials | undefined) {
  return {
    cluster: name,
    timeoutMs: CLUSTER_TIMEOUT_MS,
    ...(credentials && { kubeconfig: credentials.kubeconfig, context: credentials.context }),
  }
}
