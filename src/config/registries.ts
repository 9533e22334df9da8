import type { z } from 'zod'
import type { Check } from '../checks/check.ts'
import type { RemediationKind } from '../remediations/remediation.ts'

/** What a kind of data source can answer: PromQL, JSON documents, deploy records, the state of a cluster. */
export type Capability = 'metrics' | 'json' | 'deploys' | 'cluster'

/** What the configuration needs to know of a kind of data source. */
export interface DataSourceKind {
  readonly type: string
  /** Strict; its keys besides `type`. A secret is given as `tokenEnv`, the name of an environment variable. */
  readonly config: z.ZodObject
  readonly offers: readonly Capability[]
}

/** Everything incbot can do that a file may refer to by name. */
export interface Registries {
  readonly dataSources: readonly DataSourceKind[]
  readonly checks: readonly Check[]
  readonly remediations: readonly RemediationKind[]
}
