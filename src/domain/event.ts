import type { Diagnosis } from './diagnosis.ts'
import type { Finding } from './finding.ts'
import type { PagerDutyEvent } from './pagerduty-event.ts'
import type { Outcome, Progress, Remediation } from './remediation.ts'

/** A person in Slack. Identity is workspace and user together. */
export interface Person {
  readonly workspace: string
  readonly user: string
  /** As Slack shows it, for texts outside Slack; nothing is decided by it. */
  readonly name?: string
}

/**
 * Everything that can change an incident. Each is stored before it is acknowledged or acted on, and applied in the order stored.
 * Applying one is pure (`apply.ts`); what a person may do is found out before (`Standing`) and handed in with it.
 */
export type IncidentEvent =
  | { readonly type: 'pagerduty'; readonly event: Extract<PagerDutyEvent, { kind: 'incident' }> }
  | { readonly type: 'merged-from'; readonly incidentId: string }
  | { readonly type: 'diagnose-requested'; readonly service: string; readonly by: Person; readonly channel: string }
  | {
      readonly type: 'freeze-requested'
      readonly service: string
      readonly by: Person
      readonly channel: string
      readonly remediation: Remediation
    }
  | { readonly type: 'unfreeze-requested'; readonly by: Person; readonly channel: string }
  | {
      readonly type: 'clicked'
      readonly clickId: string
      readonly remediationId: string
      readonly by: Person
      readonly channel: string
    }
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
      readonly nothing?: string
      readonly proposals: readonly Remediation[]
    }
  | {
      readonly type: 'effect-applied'
      readonly remediationId: string
      readonly effect: NonNullable<Remediation['effect']>
    }
  | { readonly type: 'execution-progressed'; readonly remediationId: string; readonly progress: Progress }
  | { readonly type: 'execution-finished'; readonly remediationId: string; readonly outcome: Outcome }

/** An event in an incident's inbox, numbered in the order of arrival. */
export interface InboxEntry {
  readonly sequence: number
  readonly receivedAt: number
  readonly event: IncidentEvent
}
