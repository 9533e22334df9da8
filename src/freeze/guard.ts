import type { Freeze } from '../domain/freeze.ts'
import type { Service, Workload } from '../domain/service.ts'

/** A freeze of workloads, in the terms of whoever enforces it. */
export interface GuardedFreeze {
  readonly freeze: Freeze
  readonly service: Service
  /** The service's workloads that this guard is responsible for. */
  readonly workloads: readonly Workload[]
}

/** A place outside incbot that refuses deploys by itself, such as a cluster's admission. It goes on doing so while incbot is down. */
export interface FreezeGuard {
  /** "Kubernetes admission (prod)". */
  readonly name: string
  /** Whether it could enforce a freeze of this workload. */
  readonly guards: (workload: Workload) => boolean
  /**
   * Makes what it enforces exactly this: what is not in the list is lifted. May be repeated. Rejects with a sentence for people when it cannot;
   * what it enforced before then still holds.
   */
  enforce(freezes: readonly GuardedFreeze[], signal: AbortSignal): Promise<void>
  /** Tries a change that the freeze must refuse, without keeping it. `proved` when it was refused by the freeze, `open` when it went through. */
  probe(
    frozen: GuardedFreeze,
    signal: AbortSignal,
  ): Promise<{ readonly state: 'proved' | 'open' | 'unknown'; readonly text?: string }>
}
