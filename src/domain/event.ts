import type { AlertFacts } from './alert.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Finding } from './finding.ts'
import type { BlockedDeploy, EnforcementPoint, Exemption } from './freeze.ts'
import type { RelatedIncident } from './incident.ts'
import type { PagerDutyEvent } from './pagerduty-event.ts'
import type { Prediction } from './pre-alert.ts'
import type { Outcome, Progress, Remediation } from './remediation.ts'
import type { EffectVerdict } from './verification.ts'

/** A person in Slack. Identity is workspace and user together. */
export interface Person {
  readonly workspace: string
  readonly user: string
  /** As Slack shows it, for texts outside Slack; nothing is decided by it. */
  readonly name?: string
}

/** Something that a person asked for. `requestId` is the same for every delivery of one request; refusals are told in `channel`. */
export interface Request {
  readonly requestId: string
  readonly by: Person
  readonly channel: string
}

/** A press of a remediation's button. */
export interface Press extends Request {
  readonly remediationId: string
  /** As typed, where the policy or breaking the glass asks for one. */
  readonly reason?: string
  /** Goes over a failed preflight or a freeze. */
  readonly breakGlass?: boolean
}

/**
 * Everything that can change an incident. Each is stored before it is acknowledged or acted on, and applied in the order stored.
 * Applying one is pure (`apply.ts`); what a person may do is found out before (`Standing`) and handed in with it.
 */
export type IncidentEvent =
  | { readonly type: 'pagerduty'; readonly event: Extract<PagerDutyEvent, { kind: 'incident' }> }
  | { readonly type: 'alert'; readonly alert: AlertFacts }
  | { readonly type: 'merged-from'; readonly incidentId: string }
  | { readonly type: 'diagnose-requested'; readonly service: string; readonly by: Person; readonly channel: string }
  /** It is the turn of an entry of `schedule:`; `slot` is the moment of that turn, ms since the epoch. */
  | {
      readonly type: 'check-scheduled'
      readonly schedule: string
      readonly service: string
      readonly runbook: string
      readonly slot: number
    }
  | ({ readonly type: 'freeze-requested'; readonly service: string; readonly remediation: Remediation } & Request)
  /** `reason` as typed; needed from who breaks the glass for it. */
  | ({ readonly type: 'unfreeze-requested'; readonly reason?: string } & Request)
  | ({ readonly type: 'clicked' } & Press)
  /** Stop what is under way for this service; a certain remediation where one is named. */
  | ({ readonly type: 'abort-requested'; readonly remediationId?: string; readonly reason: string } & Request)
  | ({ readonly type: 'extend-requested'; readonly remediationId: string; readonly byMs: number } & Request)
  | ({ readonly type: 'exempt-requested'; readonly exemption: Pick<Exemption, 'kind' | 'value' | 'reason'> } & Request)
  | {
      readonly type: 'investigation-started'
      readonly investigationId: string
      readonly runbook: string
      readonly checks: number
    }
  | {
      readonly type: 'investigation-finished'
      readonly investigationId: string
      /** The one whose explanation counts, where several were run. */
      readonly runbook?: string
      readonly findings: readonly Finding[]
      readonly diagnosis?: Diagnosis
      readonly followUp?: readonly string[]
      /** Of a verification. */
      readonly verdict?: EffectVerdict
      readonly nothing?: string
      /** Of a scheduled run. */
      readonly prediction?: Prediction
      /** Other incidents that are open. */
      readonly related?: readonly RelatedIncident[]
      readonly proposals: readonly Remediation[]
    }
  /** What an open offer was made for is no longer so. */
  | { readonly type: 'target-changed'; readonly remediationId: string; readonly text: string }
  | {
      readonly type: 'effect-applied'
      readonly remediationId: string
      readonly effect: NonNullable<Remediation['effect']>
    }
  | { readonly type: 'execution-progressed'; readonly remediationId: string; readonly progress: Progress }
  /** What is watched went bad: the execution must not go on. */
  | { readonly type: 'halt-wanted'; readonly remediationId: string; readonly reason: string }
  | {
      readonly type: 'execution-finished'
      readonly remediationId: string
      readonly outcome: Outcome
      /** What to offer next, such as a rollback. */
      readonly offers?: readonly Remediation[]
    }
  /** `freezeId` is the id of the remediation that made the freeze. */
  | { readonly type: 'enforcement-surveyed'; readonly freezeId: string; readonly points: readonly EnforcementPoint[] }
  | { readonly type: 'deploy-blocked'; readonly freezeId: string; readonly deploy: BlockedDeploy }

const TYPES: Readonly<Record<IncidentEvent['type'], true>> = {
  pagerduty: true,
  alert: true,
  'merged-from': true,
  'diagnose-requested': true,
  'check-scheduled': true,
  'freeze-requested': true,
  'unfreeze-requested': true,
  clicked: true,
  'abort-requested': true,
  'extend-requested': true,
  'exempt-requested': true,
  'investigation-started': true,
  'investigation-finished': true,
  'target-changed': true,
  'effect-applied': true,
  'execution-progressed': true,
  'halt-wanted': true,
  'execution-finished': true,
  'enforcement-surveyed': true,
  'deploy-blocked': true,
}

/** Whether this version knows such events. During an upgrade a replica of the next one may store others. */
export function isKnown({ type }: { readonly type: string }): boolean {
  return Object.hasOwn(TYPES, type)
}

/** An event in an incident's inbox, numbered in the order of arrival. */
export interface InboxEntry {
  readonly sequence: number
  readonly receivedAt: number
  readonly event: IncidentEvent
}
