import type { z } from 'zod'
import type { Freeze } from '../domain/freeze.ts'
import type { Outcome, Plan, Progress, RecordedValue } from '../domain/remediation.ts'
import type { Service } from '../domain/service.ts'
import type { ClusterObserver, ClusterWriter } from './cluster.ts'

/** Where freezes are kept. Both calls may be repeated. */
export interface FreezeLedger {
  addFreeze(freeze: Freeze): Promise<Freeze>
  activeFreezes(now: number, service?: string): Promise<readonly Freeze[]>
}

/** An earlier execution on the same workload, as incbot remembers it. Times are ms since the epoch. */
export interface PastExecution {
  readonly kind: string
  readonly startedAt: number
  readonly finishedAt: number
  readonly result: Outcome['result']
}

export interface RemediationContext {
  readonly service: Service
  readonly incidentId: string
  readonly now: () => number
  /** Throws `RemediationError` where the cluster has no write credentials. */
  readonly writer: (cluster: string) => ClusterWriter
  /** Throws `RemediationError` where the cluster is not known. */
  readonly observer: (cluster: string) => ClusterObserver
  readonly freezes: FreezeLedger
  /** The largest value that a PromQL query gives now, `$selector` filled in; undefined where it gives none. Throws `RemediationError`. */
  readonly measure: (query: string, signal: AbortSignal) => Promise<number | undefined>
  /** What incbot did to this workload before, newest first. */
  readonly history: (workload: {
    readonly cluster: string
    readonly namespace: string
    readonly name: string
  }) => Promise<readonly PastExecution[]>
  /** Who or what switched incbot off; looked at before every step that changes something. */
  readonly switchedOff: () => Promise<string | undefined>
  readonly signal: AbortSignal
}

/** The remediation could not be planned or carried out. `effect` says whether anything was changed. */
export class RemediationError extends Error {
  override readonly name = 'RemediationError'
  readonly effect: 'none' | 'unknown'

  constructor(effect: 'none' | 'unknown', text: string, cause?: unknown) {
    super(text, { cause })
    this.effect = effect
  }
}

export type RecordedEffect = Readonly<Record<string, RecordedValue>>

/** The approval under which something is carried out. */
export interface Order {
  readonly id: string
  readonly by: string
  readonly approvedAt: number
  readonly reason: string
}

/** Another kind of fix to offer, to be planned like any other. */
export interface FollowOn {
  readonly kind: string
  readonly parameters: unknown
}

/** A kind of fix. `plan`, `changed`, `inspect` only read; `execute` has the one effect. */
export interface RemediationKind<Parameters = unknown> {
  readonly kind: string
  /** The button's text. */
  readonly title: string
  /** Whether the runbook's checks run again afterwards, to measure what it did. */
  readonly verify: boolean
  /** Whether it makes processes start afresh: counts against the restart budget, and memory after it is the cache filling up. */
  readonly restarts: boolean
  readonly parameters: z.ZodType<Parameters>
  /** One plan for each thing it could be done to, with everything that was looked at before. Throws `RemediationError`. */
  readonly plan: (context: RemediationContext, parameters: Parameters) => Promise<readonly Plan[]>
  /** Why what was planned for is no longer there or no longer the same; undefined while it is. Throws `RemediationError` when it cannot be told. */
  changed(context: RemediationContext, plan: Plan): Promise<string | undefined>
  /**
   * Does it. Called at most once per approval, never again after a crash. Throws `RemediationError`, with effect `unknown` when it may have happened.
   * Returns what following needs, or `void` when the target is no longer what was approved.
   */
  execute(
    context: RemediationContext,
    plan: Plan,
    order: Order,
  ): Promise<{ readonly effect: RecordedEffect } | { readonly void: string }>
  /**
   * Watches the effect to its end. May be called again after a crash, so that any step of its own must be one that happens once however
   * often it is taken. `halt` says why it must not go on.
   */
  follow(
    context: RemediationContext,
    plan: Plan,
    effect: RecordedEffect,
    report: (progress: Progress) => void,
  ): Promise<Outcome | { readonly halt: string }>
  /** Keeps it from going on, as far as this kind can be kept, and says what that means. May be repeated. Throws `RemediationError`. */
  halt(
    context: RemediationContext,
    plan: Plan,
    effect: RecordedEffect,
    reason: string,
  ): Promise<{ readonly outcome: Outcome; readonly offers: readonly FollowOn[] }>
  /** After a crash between claim and record: what can be seen of whether it happened. One sentence. */
  inspect(context: RemediationContext, plan: Plan, order: Pick<Order, 'id' | 'approvedAt'>): Promise<string>
}

/** Keeps the type of the parameters while a kind is written; the list of kinds forgets it again. */
export function defineRemediation<Parameters>(kind: RemediationKind<Parameters>): RemediationKind {
  // The list hands a kind only parameters that its own schema has parsed.
  return kind as RemediationKind
}
