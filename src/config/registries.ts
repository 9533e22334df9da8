import type { Check } from '../checks/check.ts'
import type { DataSourceKind as OpenableDataSourceKind } from '../datasources/datasource.ts'
import type { RemediationKind } from '../remediations/remediation.ts'

/** What the configuration needs to know of a kind of data source. A secret is given as `tokenEnv`, the name of an environment variable. */
export type DataSourceKind = Pick<OpenableDataSourceKind, 'type' | 'config' | 'offers'>

/** What a kind of data source can answer: PromQL, JSON documents, deploy records, the state of a cluster. */
export type Capability = DataSourceKind['offers'][number]

/** Everything incbot can do that a file may refer to by name. */
export interface Registries {
  readonly dataSources: readonly DataSourceKind[]
  readonly checks: readonly Check[]
  readonly remediations: readonly RemediationKind[]
}
