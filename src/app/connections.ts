import type { ClusterConfig, Config, KubernetesCredentials } from '../config/config.ts'
import type { DataSource, DataSourceDeps } from '../datasources/datasource.ts'
import { dataSourceKinds } from '../datasources/index.ts'
import { clusterReader } from '../kubernetes/reader.ts'
import { clusterWriter } from '../kubernetes/writer.ts'
import type { ClusterWriter } from '../remediations/remediation.ts'
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

function access({ name }: ClusterConfig, credentials: KubernetesCredentials | undefined) {
  return {
    cluster: name,
    timeoutMs: CLUSTER_TIMEOUT_MS,
    ...(credentials && { kubeconfig: credentials.kubeconfig, context: credentials.context }),
  }
}
