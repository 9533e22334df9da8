import type { DigestPlan, ScheduledCheck } from '../domain/schedule/schedule.ts'
import type { Approvers, Service } from '../domain/service.ts'

/** Credentials for one cluster: a context of a kubeconfig file. */
export interface KubernetesCredentials {
  readonly kubeconfig: string
  readonly context: string
}

export interface ClusterConfig {
  readonly name: string
  /** `KUBECONFIG` or the pod's own account where absent. */
  readonly read?: KubernetesCredentials
  /** Where absent, nothing in this cluster can be changed. */
  readonly write?: KubernetesCredentials
  /** That the cluster itself refuses frozen deploys, and the namespace of the ConfigMap by which it knows them. Needs `write`. */
  readonly admission?: { readonly namespace: string }
}

export interface DataSourceConfig {
  readonly name: string
  readonly type: string
  /** Already parsed by the schema of its kind; `type` is left out. */
  readonly settings: Readonly<Record<string, unknown>>
}

/** A secret that the file refers to by the name of its environment variable. */
export interface NamedSecret {
  readonly variable: string
  /** "dataSources.metrics.tokenEnv" */
  readonly usedBy: string
}

/** incbot.yaml, checked: every name in it refers to something that exists. */
export interface Config {
  readonly file: string
  readonly slack: {
    readonly command: string
    readonly fallbackChannel: string
    readonly workspace?: string
  }
  readonly pagerduty: { readonly sweepEveryMs: number }
  /** How alerts of Alertmanager are read. */
  readonly alertmanager: {
    readonly serviceLabel: string
    readonly severityLabel: string
    readonly highSeverities: readonly string[]
  }
  /** For how long after an incident others join it; 0: never. */
  readonly grouping: { readonly withinMs: number }
  readonly clusters: readonly ClusterConfig[]
  readonly dataSources: readonly DataSourceConfig[]
  readonly services: readonly Service[]
  readonly gate: {
    readonly tokens: readonly { readonly name: string; readonly tokenEnv: string }[]
    /** How old an answer from memory may be while the records cannot be read. */
    readonly staleForMs: number
  }
  readonly schedule: readonly ScheduledCheck[]
  readonly digest?: DigestPlan
  /** Who may use the kill switch. Both lists empty: nobody. */
  readonly admins: Approvers
  /** To be read with `readNamedSecrets`. */
  readonly secrets: readonly NamedSecret[]
}
