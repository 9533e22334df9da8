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
  readonly clusters: readonly ClusterConfig[]
  readonly dataSources: readonly DataSourceConfig[]
  readonly services: readonly Service[]
  readonly gate: { readonly tokens: readonly { readonly name: string; readonly tokenEnv: string }[] }
  /** Who may use the kill switch. Both lists empty: nobody. */
  readonly admins: Approvers
  /** To be read with `readNamedSecrets`. */
  readonly secrets: readonly NamedSecret[]
}
