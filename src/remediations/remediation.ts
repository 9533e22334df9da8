import type { z } from 'zod'
import type { Freeze } from '../domain/freeze.ts'
import type { Outcome, Plan, Progress } from '../domain/remediation.ts'
import type { Service, Workload } from '../domain/service.ts'

/** Writes to a cluster, with credentials of its own. */
export interface ClusterWriter {
  /** What an approval is bound to; throws `RemediationError` where it cannot be read. */
  target(workload: Workload, signal: AbortSignal): Promise<WorkloadState>
  /** May be repeated: the same `stamp` changes nothing the second time. Fenced by `resourceVersion`; `conflict` is a definite no-effect. */
  restart(
    workload: Workload,
    stamp: string,
    resourceVersion: string,
    signal: AbortSignal,
  ): Promise<{ readonly result: 'applied'; readonly generation: number } | { readonly result: 'conflict' }>
  /** Where the rollout stands; only reads. */
  rollout(workload: Workload, signal: AbortSignal): Promise<RolloutState>
}

export interface WorkloadState {
  readonly uid: string
  readonly generation: number
  readonly resourceVersion: string
  readonly replicas: number
  readonly paused: boolean
  /** "25 % surge, 25 % unavailable", "one at a time, highest ordinal first". */
  readonly strategy: string
  /** Why a changed template would not reach all pods: they wait to be deleted by hand, or a partition keeps some back. */
  readonly heldBack: 'on-delete' | 'partition' | undefined
  /** Value of the restart annotation, to see after a crash whether our restart arrived. */
  readonly restartStamp: string | undefined
}

export interface RolloutState {
  readonly generation: number
  readonly observedGeneration: number
  readonly desired: number
  readonly updated: number
  readonly available: number
  readonly done: boolean
  readonly pods: readonly {
    readonly name: string
    readonly state: 'old' | 'stopping' | 'starting' | 'ready' | 'failing'
    readonly restarts: number
  }[]
}

/** Where freezes are kept. Both calls may be repeated. */
export interface FreezeLedger {
  addFreeze(freeze: Freeze): Promise<Freeze>
  activeFreezes(now: number, service?: string): Promise<readonly Freeze[]>
}

export interface RemediationContext {
  readonly service: Service
  readonly incidentId: string
  readonly now: () => number
  /** Throws where the cluster has no write credentials. */
  readonly writer: (cluster: string) => ClusterWriter
  readonly freezes: FreezeLedger
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

/** A kind of fix. `plan` and `follow` only read; `execute` has the one effect. */
export interface RemediationKind<Parameters = unknown> {
  readonly kind: string
  /** The button's text. */
  readonly title: string
  /** Whether the runbook's checks run again afterwards, to measure what it did. */
  readonly verify: boolean
  readonly parameters: z.ZodType<Parameters>
  /** One plan for each thing it could be done to. Throws `RemediationError`. */
  readonly plan: (context: RemediationContext, parameters: Parameters) => Promise<readonly Plan[]>
  /**
   * Does it. Called at most once per approval, never again after a crash. Throws `RemediationError`, with effect `unknown` when it may have happened.
   * Returns what following needs, or `void` when the target is no longer what was approved.
   */
  execute(
    context: RemediationContext,
    plan: Plan,
    execution: { readonly id: string; readonly by: string; readonly approvedAt: number; readonly reason: string },
  ): Promise<{ readonly effect: Readonly<Record<string, string | number | boolean>> } | { readonly void: string }>
  /** Watches the effect to its end. May be called again after a crash. */
  follow(
    context: RemediationContext,
    plan: Plan,
    effect: Readonly<Record<string, string | number | boolean>>,
    report: (progress: Progress) => void,
  ): Promise<Outcome>
  /** After a crash between claim and record: what can be seen of whether it happened. One sentence. */
  inspect(
    context: RemediationContext,
    plan: Plan,
    execution: { readonly id: string; readonly approvedAt: number },
  ): Promise<string>
}

/** Keeps the type of the parameters while a kind is written; the list of kinds forgets it again. */
export function defineRemediation<Parameters>(kind: RemediationKind<Parameters>): RemediationKind {
  // The list hands a kind only parameters that its own schema has parsed.
  return kind as RemediationKind
}
