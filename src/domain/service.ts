import type { ByteUnits } from './chart.ts'
import type { WorkingHours } from './schedule/working-hours.ts'

/** `observe` diagnoses only; `propose` shows buttons that say what they would do; `act` executes once approved. */
export type Mode = 'observe' | 'propose' | 'act'

/** What a freeze covers: model versions, workload templates, or both. */
export type FreezeScope = 'model' | 'workload' | 'all'

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet'

export interface Workload {
  /** Name of an entry of `clusters:` in incbot.yaml. */
  readonly cluster: string
  readonly namespace: string
  readonly kind: WorkloadKind
  readonly name: string
  /** The container that the diagnosis is about; the first one where absent. */
  readonly container?: string
}

/** PromQL of this service; `$selector` stands for `selector`. Every expression returns one series per replica. */
export interface ServiceMetrics {
  /** Name of a data source that answers PromQL. */
  readonly source: string
  readonly selector: string
  /** The label that tells replicas apart. */
  readonly replicaLabel: string
  readonly memory: string
  readonly limit?: string
  readonly processStart?: string
  readonly requests?: string
  readonly evictions?: string
}

/** Where the memory limit comes from: the container's own limit, a PromQL expression (`metrics.limit`), or a fixed figure. */
export type MemoryLimitSource =
  | { readonly from: 'workload' }
  | { readonly from: 'metrics' }
  | { readonly from: 'fixed'; readonly bytes: number }

/** The service's own account of its model cache: an HTTP JSON data source and where in it the figures stand. */
export interface ModelCacheEndpoint {
  readonly source: string
  /** Path below the source's base URL; `{replica}` stands for the replica's name where each answers for itself. */
  readonly path: string
}

/** Where deploys of this service are recorded. `counter` is PromQL and needed where the source is a Prometheus. */
export interface DeployRecordSource {
  readonly source: string
  readonly counter?: string
}

/** Slack users (`U…`) and user groups (`S…`). Both empty: nobody. */
export interface People {
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

/** Who may approve: people by name or group, and with `onCall` whoever PagerDuty says is on call for the incident's escalation policy now. */
export interface Approvers extends People {
  readonly onCall?: boolean
}

/** What it takes to approve one kind of remediation; what is absent is as the service has it, or the default. */
export interface ApprovalPolicy {
  readonly approvers?: Approvers
  /** How many different people; 1 by default. */
  readonly approvals?: number
  /** Whether who asked for it may also approve it; yes by default. */
  readonly requesterMayApprove?: boolean
  /** How long an offer stays open; 15 minutes by default. */
  readonly expiresAfterMs?: number
  /** Whether an approval needs a typed reason; no by default. */
  readonly reasonRequired?: boolean
}

/** Restarts within a while, beyond which a second person must agree. */
export interface RestartBudget {
  readonly restarts: number
  readonly withinMs: number
}

/** One entry of the service catalogue. */
export interface Service {
  readonly name: string
  readonly pagerdutyServiceIds: readonly string[]
  /** Sets of labels; an alert that has all of one of them is about this service. */
  readonly alerts?: readonly Readonly<Record<string, string>>[]
  readonly workloads: readonly Workload[]
  readonly metrics?: ServiceMetrics
  readonly memoryLimit: MemoryLimitSource
  readonly modelCache?: ModelCacheEndpoint
  readonly deploys?: DeployRecordSource
  /** Slack channel id; the fallback channel where absent. */
  readonly channel?: string
  readonly approvers: Approvers
  /** By kind of remediation. */
  readonly approval?: Readonly<Record<string, ApprovalPolicy>>
  /** PagerDuty's id of the policy that says who is on call, for what PagerDuty did not start. */
  readonly escalationPolicyId?: string
  /** Who may go over a failed preflight or a freeze. Nobody where absent. */
  readonly breakGlass?: People
  readonly restartBudget?: RestartBudget
  readonly mode: Mode
  readonly freezeScope: FreezeScope
  readonly units: ByteUnits
  /** IANA time zone of the people on call; charts then show local times as well. */
  readonly timeZone?: string
  /** When its people are at work anyway: a pre-alert warns of what would happen before they are. The usual hours where absent. */
  readonly workingHours?: WorkingHours
}
