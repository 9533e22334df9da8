import type { z } from 'zod'
import type { UnknownCause } from '../domain/finding.ts'
import type { Service, Workload } from '../domain/service.ts'

/** A question that could not be answered: the pipeline turns it into an `unknown` finding with this cause. */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly kind: UnknownCause
  readonly source: string
  /** "get pods in namespace ml", where a permission was what was missing. */
  readonly missingPermission: string | undefined

  /** `text` says what was asked and what came back, for a person. */
  constructor(
    kind: UnknownCause,
    source: string,
    text: string,
    extra: { missingPermission?: string; cause?: unknown } = {},
  ) {
    super(text, { cause: extra.cause })
    this.kind = kind
    this.source = source
    this.missingPermission = extra.missingPermission
  }
}

/** An answer and how old it is. */
export interface Answer<T> {
  readonly value: T
  /** The question as asked, for the evidence. */
  readonly query: string
  /** When it was true, ms since the epoch. */
  readonly asOf: number
  readonly warnings: readonly string[]
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** ms since the epoch and value, ascending; NaN is left out. */
  readonly points: readonly (readonly [at: number, value: number])[]
}

/** Answers PromQL. */
export interface MetricsSource {
  instant(query: string, at: number, signal: AbortSignal): Promise<Answer<readonly Sample[]>>
  range(
    query: string,
    window: { from: number; to: number; stepMs: number },
    signal: AbortSignal,
  ): Promise<Answer<readonly Series[]>>
}

export interface WorkloadFacts {
  readonly uid: string
  readonly generation: number
  readonly replicas: number
  readonly readyReplicas: number
  /** Memory limit and request of the container that the service names, in bytes. */
  readonly memoryLimitBytes: number | undefined
  readonly memoryRequestBytes: number | undefined
  /** Revisions (ReplicaSets or ControllerRevisions), newest last; ms since the epoch. */
  readonly revisions: readonly { readonly revision: number; readonly createdAt: number }[]
}

export interface PodFacts {
  readonly name: string
  readonly uid: string
  readonly node: string | undefined
  readonly phase: string
  readonly ready: boolean
  readonly restarts: number
  readonly startedAt: number | undefined
  readonly memoryLimitBytes: number | undefined
  readonly memoryRequestBytes: number | undefined
  readonly lastTermination: { readonly reason: string; readonly exitCode: number; readonly at: number } | undefined
}

export interface NodeFacts {
  readonly name: string
  readonly capacityBytes: number
  readonly allocatableBytes: number
  /** Sum of the memory requests of the pods on it, DaemonSets included. */
  readonly requestedBytes: number
  readonly daemonSetRequestedBytes: number
  readonly unschedulable: boolean
}

/** Reads a cluster. */
export interface ClusterSource {
  workload(workload: Workload, signal: AbortSignal): Promise<Answer<WorkloadFacts>>
  pods(workload: Workload, signal: AbortSignal): Promise<Answer<readonly PodFacts[]>>
  nodes(names: readonly string[], signal: AbortSignal): Promise<Answer<readonly NodeFacts[]>>
}

/** Reads a JSON document below the source's base URL. */
export interface JsonSource {
  get(path: string, signal: AbortSignal): Promise<Answer<unknown>>
}

export interface DeployRecord {
  /** ms since the epoch; from a counter: the end of the step in which it rose. */
  readonly at: number
  /** What was deployed, as far as the record says. */
  readonly what: string
}

/** Knows when a service was deployed. */
export interface DeploySource {
  deploys(
    service: Service,
    window: { from: number; to: number },
    signal: AbortSignal,
  ): Promise<Answer<readonly DeployRecord[]>>
}

/** A connection to one system; it offers what the system can answer. */
export interface DataSource {
  readonly name: string
  readonly type: string
  readonly metrics?: MetricsSource
  readonly cluster?: ClusterSource
  readonly json?: JsonSource
  readonly deploys?: DeploySource
  /** Resolves when the system answers; throws a `SourceError` otherwise. For readiness. */
  probe(signal: AbortSignal): Promise<void>
  /** Loads and connects ahead of the first question what would make that one slow. Never throws; a second call costs little. */
  warm?(signal: AbortSignal): Promise<void>
  close?(): Promise<void>
}

/** What a data source needs of the process besides its settings. */
export interface DataSourceDeps {
  readonly now: () => number
  /** The secret that a setting such as `tokenEnv` names; undefined where the setting is absent. */
  readonly secret: (variable: string | undefined) => string | undefined
  /** PagerDuty's change events of a service; undefined without a token. */
  readonly changeEvents:
    | ((pagerDutyServiceId: string, from: number, to: number, signal: AbortSignal) => Promise<readonly DeployRecord[]>)
    | undefined
}

/** A kind of data source: what it is called in incbot.yaml, its settings, and how it is opened. Opening connects to nothing yet. */
export interface DataSourceKind<Settings extends z.ZodObject = z.ZodObject> {
  readonly type: string
  readonly config: Settings
  readonly offers: readonly ('metrics' | 'json' | 'deploys' | 'cluster')[]
  readonly open: (name: string, settings: z.output<Settings>, deps: DataSourceDeps) => DataSource
}

/** Keeps the type of a kind's settings while it is written; the list of kinds forgets it again. */
export function defineDataSource<Settings extends z.ZodObject>(kind: DataSourceKind<Settings>): DataSourceKind {
  // The list hands a kind only settings that its own schema has parsed.
  return kind as unknown as DataSourceKind
}
