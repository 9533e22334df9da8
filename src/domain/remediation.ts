import type { Workload } from './service.ts'

/** What an approval is given for; an approval is void once this no longer holds. */
export interface Target {
  readonly workload?: Workload
  readonly service: string
  readonly uid?: string
  readonly generation?: number
}

/** What pressing the button will do, found out without changing anything. */
export interface Plan {
  readonly target: Target
  /** What the button says: "Restart inference-prod", at most 75 characters. */
  readonly button: string
  /** One sentence: "Restart StatefulSet inference-prod (3 pods, one at a time) in ml on prod". */
  readonly summary: string
  /** What it costs, what to know before pressing. */
  readonly details: readonly string[]
  /** Why it cannot be done now; the button is then not shown. */
  readonly blocked?: string
  /** Parameters the execution needs, fixed when planned. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>
}

export type RefusalReason =
  | { readonly code: 'nobody-may'; readonly text: string }
  | { readonly code: 'not-approver'; readonly text: string }
  | { readonly code: 'cannot-tell'; readonly text: string }
  | { readonly code: 'expired'; readonly text: string }
  | { readonly code: 'already-used'; readonly text: string }
  | { readonly code: 'incident-closed'; readonly text: string }
  | { readonly code: 'diagnosis-changed'; readonly text: string }
  | { readonly code: 'switched-off'; readonly text: string }
  | { readonly code: 'observe-only'; readonly text: string }
  | { readonly code: 'unknown-proposal'; readonly text: string }

/**
 * The life of a remediation. Only `executing` is dangerous: the effect may be under way. An `executing` record whose executor
 * is gone becomes `unknown`, never `approved` again. From `following` on the effect is known to have happened and only reads follow.
 */
export type RemediationState =
  | 'proposed'
  | 'approved'
  | 'executing'
  | 'following'
  | 'succeeded'
  | 'failed'
  | 'rehearsed'
  | 'void'
  | 'unknown'

export interface Approval {
  readonly by: string
  /** For people outside Slack. */
  readonly name?: string
  readonly at: number
}

/** How far an execution has come; `pods` are in the order they were restarted. */
export interface Progress {
  readonly text: string
  readonly done: number
  readonly total: number
  readonly pods: readonly { readonly name: string; readonly state: string }[]
}

export interface Outcome {
  readonly result: 'succeeded' | 'failed' | 'void' | 'unknown'
  /** One sentence: what happened, what it means, what to do. */
  readonly text: string
  readonly progress?: Progress
}

export interface Remediation {
  /** Opaque: the only thing a button carries. */
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly investigationId?: string
  readonly hypothesis?: string
  readonly plan: Plan
  readonly state: RemediationState
  readonly proposedAt: number
  readonly expiresAt: number
  readonly approval?: Approval
  readonly executingSince?: number
  /** What the effect left behind, to follow it: a generation, a lease's end. */
  readonly effect?: Readonly<Record<string, string | number | boolean>>
  readonly progress?: Progress
  readonly outcome?: Outcome
  readonly finishedAt?: number
  /** How long after it finished its effect is measured; absent where there is nothing to measure. */
  readonly verifyAfterMs?: number
  /** A freeze that no longer holds: lifted by a person, or ended by its own clock (`by: 'expiry'`). */
  readonly ended?: { readonly at: number; readonly by: string }
}

/** States in which nothing more will happen by itself. */
export function isFinal(state: RemediationState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'rehearsed' || state === 'void' || state === 'unknown'
}
