import type { Severity } from './finding.ts'
import type { FreezeTerms } from './freeze.ts'
import type { Workload } from './service.ts'

/** What an approval is given for; an approval is void once this no longer holds. */
export interface Target {
  readonly workload?: Workload
  readonly service: string
  readonly uid?: string
  readonly generation?: number
}

/** Values that survive a restart of incbot with the record. */
export type RecordedValue = string | number | boolean | readonly string[]

/**
 * One thing that was looked at before the offer. `failed` closes the offer; `caution` and `unknown` are shown and leave it open.
 * What the API server itself would refuse is not `overridable`: breaking the glass would only fail later.
 */
export interface Preflight {
  /** What was looked at: "permission", "disruption budget", "room on the nodes". */
  readonly what: string
  readonly verdict: 'passed' | 'caution' | 'failed' | 'unknown'
  /** One sentence: what was found. */
  readonly text: string
  /** What would fix it. */
  readonly fix?: string
  readonly overridable?: boolean
}

/** What pressing the button will do, found out without changing anything. */
export interface Plan {
  readonly target: Target
  /** What the button says: "Restart inference-prod", at most 75 characters. */
  readonly button: string
  /** One sentence: "Restart StatefulSet inference-prod (3 pods, one at a time) in ml on prod". */
  readonly summary: string
  /** The blast radius in one sentence, for the dialog that asks once more. Absent: `summary`. */
  readonly blastRadius?: string
  /** What will happen and what it costs, a sentence each: duration, requests, capacity. */
  readonly details: readonly string[]
  readonly preflight?: readonly Preflight[]
  /** Another kind of fix to offer beside this one, because of what the preflight found. */
  readonly instead?: { readonly kind: string; readonly parameters: unknown }
  /** Parameters the execution needs, fixed when planned. */
  readonly parameters: Readonly<Record<string, RecordedValue>>
}

export type RefusalCode =
  | 'nobody-may'
  | 'not-approver'
  | 'cannot-tell'
  | 'expired'
  | 'already-used'
  | 'incident-closed'
  | 'diagnosis-changed'
  | 'target-changed'
  | 'switched-off'
  | 'observe-only'
  | 'unknown-proposal'
  | 'same-person'
  | 'requester'
  | 'not-a-person'
  | 'guest'
  | 'reason-missing'
  | 'blocked'
  | 'not-break-glass'
  | 'nothing-to-do'

export interface RefusalReason {
  readonly code: RefusalCode
  /** Why, and who may or what would help: a sentence for the person who was refused. */
  readonly text: string
}

/**
 * The life of a remediation. Only `executing` is dangerous: the effect may be under way. An `executing` record whose executor
 * is gone becomes `unknown`, never `approved` again. From `following` on the effect is known to have happened and only reads, or steps
 * that can be repeated without harm, follow.
 */
export type RemediationState =
  | 'proposed'
  /** Offered, but a preflight failed: only breaking the glass opens it. */
  | 'blocked'
  | 'approved'
  | 'executing'
  | 'following'
  | 'succeeded'
  | 'failed'
  | 'halted'
  | 'rehearsed'
  | 'void'
  | 'unknown'

/** What stood in the record when somebody approved. */
export interface Evidence {
  readonly investigationId?: string
  readonly hypothesis?: string
  readonly confidence?: number
  readonly severity?: Severity
}

/** Why a person may approve. */
export type Basis = 'on-call' | 'listed' | 'group' | 'break-glass'

export interface Approval {
  readonly by: string
  /** For people outside Slack. */
  readonly name?: string
  readonly at: number
  /** Verified, in lower case: the same address is the same human, whatever the account. */
  readonly email?: string
  readonly basis?: Basis
  readonly reason?: string
  /** Failed preflights and freezes that breaking the glass went over. */
  readonly overrode?: readonly string[]
  readonly evidence?: Evidence
}

/** How far an execution has come; `pods` are in the order they were restarted. */
export interface Progress {
  readonly text: string
  readonly done: number
  readonly total: number
  readonly pods: readonly { readonly name: string; readonly state: string }[]
}

export interface Outcome {
  readonly result: 'succeeded' | 'failed' | 'void' | 'unknown' | 'halted'
  /** One sentence: what happened, what it means, what to do. */
  readonly text: string
  /** Of an offer that was withdrawn: what a person is told who presses it all the same. */
  readonly because?: RefusalCode
  readonly progress?: Progress
}

export interface Remediation {
  /** Opaque: the only thing a button carries. */
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly investigationId?: string
  /** What led when it was offered, how surely and how badly: an approval is bound to hypothesis and severity. */
  readonly hypothesis?: string
  readonly confidence?: number
  readonly severity?: Severity
  readonly plan: Plan
  readonly state: RemediationState
  readonly proposedAt: number
  readonly expiresAt: number
  /** Who asked for it, where a person did. */
  readonly requestedBy?: string
  /** How many people must approve; one where absent. */
  readonly approvalsNeeded?: number
  /** Why it is more than the policy asks for. */
  readonly approvalsBecause?: string
  readonly reasonRequired?: boolean
  /** Approvals given so far, while more are needed. */
  readonly endorsements?: readonly Approval[]
  /** The approval that completed it. */
  readonly approval?: Approval
  readonly executingSince?: number
  /** What the effect left behind, to follow it: a generation, a lease's end. */
  readonly effect?: Readonly<Record<string, RecordedValue>>
  readonly progress?: Progress
  /** Somebody, or what was watched, wants it to stop. `by` is a user id, or "incbot". */
  readonly halt?: { readonly at: number; readonly by: string; readonly reason: string }
  readonly outcome?: Outcome
  readonly finishedAt?: number
  /** How long after it finished its effect is measured, and measured again; absent where there is nothing to measure. */
  readonly verifyAfterMs?: number
  readonly verifyAgainAfterMs?: number
  /** Of a freeze: what it covers besides its time. */
  readonly freeze?: FreezeTerms
  /** A freeze that no longer holds: lifted by a person, or ended by its own clock (`by: 'expiry'`). */
  readonly ended?: { readonly at: number; readonly by: string }
}

const FINAL: ReadonlySet<RemediationState> = new Set(['succeeded', 'failed', 'halted', 'rehearsed', 'void', 'unknown'])

/** States in which nothing more will happen by itself. */
export function isFinal(state: RemediationState): boolean {
  return FINAL.has(state)
}

/** Nobody has decided yet, and somebody still may. */
export function isOpen({ state }: Pick<Remediation, 'state'>): boolean {
  return state === 'proposed' || state === 'blocked'
}

/** Decided, and not at its end: what an abort stops. */
export function isUnderWay({ state }: Pick<Remediation, 'state'>): boolean {
  return state === 'approved' || state === 'executing' || state === 'following'
}

export function failedPreflights(plan: Plan): readonly Preflight[] {
  return (plan.preflight ?? []).filter(({ verdict }) => verdict === 'failed')
}

/** Whether breaking the glass could carry it out. */
export function canBreakGlass(plan: Plan): boolean {
  return failedPreflights(plan).every(({ overridable }) => overridable === true)
}

/** The same, with those that nobody has decided on withdrawn; `text` says why. */
export function withoutOpenOffers(
  remediations: readonly Remediation[],
  text: string,
  because: RefusalCode,
  now: number,
): readonly Remediation[] {
  return remediations.map((one) => (isOpen(one) ? withdrawn(one, text, because, now) : one))
}

/** An offer, or an approval that has not begun, that no longer stands. */
export function withdrawn(remediation: Remediation, text: string, because: RefusalCode, now: number): Remediation {
  return { ...remediation, state: 'void', finishedAt: now, outcome: { result: 'void', text, because } }
}
