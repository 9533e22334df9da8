import type { Check, CheckSources } from '../checks/check.ts'
import type { PersonFacts } from '../domain/authorize.ts'
import type { Digest } from '../domain/digest.ts'
import type { Person } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { DigestPlan } from '../domain/schedule/schedule.ts'
import type { Service } from '../domain/service.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { ClusterObserver, ClusterWriter } from '../remediations/cluster.ts'
import type { RemediationKind } from '../remediations/remediation.ts'
import type { Delivery, Store } from '../store/store.ts'

/** Structured log: fields first, then a sentence that never changes. Never a secret, never a whole payload. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What the pipeline counts. */
export interface Meter {
  event(type: string, result: 'stored' | 'duplicate' | 'applied'): void
  lag(ms: number): void
  check(name: string, verdict: string, ms: number): void
  remediation(kind: string, result: string): void
}

/** The service catalogue. */
export interface Catalogue {
  readonly services: readonly Service[]
  readonly byName: (name: string) => Service | undefined
  readonly byPagerDutyId: (id: string) => Service | undefined
}

/** What incbot can ask of the world besides data sources. */
export interface Directory {
  /** Which of `groups` the person is in; `unknown` when Slack does not say in time. */
  groupsOf(person: Person, groups: readonly string[], signal: AbortSignal): Promise<readonly string[] | 'unknown'>
  /** What Slack says about the person; `unknown` when it does not say in time. */
  factsOf(person: Person, signal: AbortSignal): Promise<PersonFacts | 'unknown'>
  /** Addresses, in lower case, of those who are on call for the escalation policy now; `unknown` without a token or when PagerDuty does not say. */
  onCall(escalationPolicyId: string, signal: AbortSignal): Promise<readonly string[] | 'unknown'>
  /** Labels and details of an incident's alerts, last one wins; `unknown` without a token or when PagerDuty does not say. */
  alertLabels(pagerDutyIncidentId: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | 'unknown'>
}

/** How far an investigation has come; lives in memory only. */
export interface CheckProgress {
  readonly investigationId: string
  readonly done: number
  readonly total: number
}

/** Everything from which a projection is derived. */
export interface View {
  readonly incident: Incident
  readonly service: Service | undefined
  /** Where it posts; undefined when no channel is configured at all. */
  readonly channel: string | undefined
  readonly progress: CheckProgress | undefined
  readonly deliveries: readonly Delivery[]
  /** Where the incident's timeline ends now: hash and number of its last entry. Undefined while it is empty. */
  readonly timelineEnd: { readonly sequence: number; readonly hash: string } | undefined
  readonly now: number
}

/** A lease under which something is done that only one replica may do at a time. */
export interface Hold {
  /** Aborted when the work must end: the lease is lost, the process is to end, or the work is no longer wanted. */
  readonly signal: AbortSignal
  /** Whether the lease still counts. Asked just before every effect: a process that was stopped for a while goes on before it hears of anything. */
  readonly isHeld: () => boolean
}

/** Brings one outside system together with the record. Can be run again at any time and does only what is missing. */
export interface Projection {
  readonly name: string
  /** `complete`, or when to come back (ms since the epoch) because the system asked for patience. Throws when it is out of reach. */
  reconcile(view: View, hold: Hold): Promise<'complete' | { readonly againAt: number }>
}

/** Posts a digest where the plan says. `id` stands for its slot: posted again under the same id, it is one message. Rejects when Slack is out of reach. */
export type DigestPost = (
  id: string,
  digest: Digest,
  plan: Pick<DigestPlan, 'channel' | 'timeZone'>,
  hold: Hold,
) => Promise<void>

/** The pipeline's ports: everything it needs, and nothing that knows Slack, SQLite or Kubernetes by name. */
export interface Ports {
  readonly now: () => number
  /** Unguessable, unique: ids of offers, reports, owners. */
  readonly newId: () => string
  readonly log: Logger
  readonly meter: Meter
  readonly store: Store
  readonly jobs: Jobs
  /** This process, as a holder of leases. */
  readonly owner: string
  readonly catalogue: () => Catalogue
  readonly runbooks: () => readonly Runbook[]
  readonly checks: ReadonlyMap<string, Check>
  readonly remediations: ReadonlyMap<string, RemediationKind>
  /** The data sources of one service, for one investigation. */
  readonly sources: (service: Service) => CheckSources
  /** Throws where the cluster has no write credentials. */
  readonly writer: (cluster: string) => ClusterWriter
  /** Throws where the cluster is not known. */
  readonly observer: (cluster: string) => ClusterObserver
  /** A freeze was made, changed or lifted: whoever enforces it should look. */
  readonly freezesChanged: () => void
  readonly directory: Directory
  readonly projections: readonly Projection[]
  readonly fallbackChannel: string | undefined
  /** For how long after an incident others of the same service and runbook join it; absent or 0: each is one of its own. */
  readonly groupWithinMs?: number
  /** Says why incbot is switched off; undefined while it is on. */
  readonly switchedOff: () => Promise<string | undefined>
}
