import type { Freeze } from '../domain/freeze.ts'
import { within } from '../ops/deadline.ts'
import type { FreezeGuard, GuardedFreeze } from './guard.ts'

/** What a guard's probe of one freeze said, or why there was none. */
export interface Proof {
  readonly state: 'proved' | 'open' | 'unknown'
  /** When it was tried, ms since the epoch. */
  readonly at: number
  readonly text?: string
}

export interface Tended {
  /** By the id of the freeze: every freeze that the guard was given. */
  readonly proofs: ReadonlyMap<string, Proof>
  /** Why it must be looked at again soon, in words; undefined where all is well. */
  readonly trouble?: string
}

/** One guard, looked after: it is told what to enforce, and tried where it may have changed. */
export interface TendedGuard {
  readonly guard: FreezeGuard
  /** Never rejects, and takes no longer than `withinMs`. */
  tend(frozen: readonly GuardedFreeze[]): Promise<Tended>
}

export interface TendOptions {
  readonly now: () => number
  readonly withinMs?: number
  readonly proofHoldsMs?: number
}

/** Remembers what was enforced and proved last, in memory: after a restart everything is told and tried again. */
export function tendGuard(guard: FreezeGuard, options: TendOptions): TendedGuard {
  const { now, withinMs = 10_000, proofHoldsMs = 5 * 60_000 } = options
  /** What it enforces as far as is known; undefined while that is not known. */
  let enforced: string | undefined
  let proofs: ReadonlyMap<string, Proof> = new Map()
  let isBusy = false

  async function work(frozen: readonly GuardedFreeze[], signal: AbortSignal): Promise<Tended> {
    const wanted = fingerprint(frozen)
    const before = enforced
    enforced = undefined
    const failure = await guard.enforce(frozen, signal).then(() => undefined, sentence)
    if (failure === undefined) enforced = wanted
    const isNew = failure !== undefined || before !== wanted
    const all = await Promise.all(
      frozen.map(async (one): Promise<[string, Proof]> => {
        const last = isNew ? undefined : freshProof(one.freeze)
        const proof = last ?? (await probe(one, signal))
        return [one.freeze.id, failure === undefined ? proof : { ...proof, text: failure }]
      }),
    )
    const doubtful = all.find(([, { state }]) => state !== 'proved')?.[1]
    const trouble = failure ?? (doubtful && (doubtful.text ?? `the probe found it ${doubtful.state}`))
    return { proofs: new Map(all), ...(trouble !== undefined && { trouble }) }
  }

  /** Only what was proved is believed for a while; everything else is tried again each time. */
  function freshProof({ id }: Freeze): Proof | undefined {
    const last = proofs.get(id)
    return last?.state === 'proved' && Math.abs(now() - last.at) < proofHoldsMs ? last : undefined
  }

  async function probe(frozen: GuardedFreeze, signal: AbortSignal): Promise<Proof> {
    try {
      return { at: now(), ...(await guard.probe(frozen, signal)) }
    } catch (error) {
      return { at: now(), state: 'unknown', text: sentence(error) }
    }
  }

  function unknown(frozen: readonly GuardedFreeze[], trouble: string): Tended {
    const proof: Proof = { state: 'unknown', at: now(), text: trouble }
    return { proofs: new Map(frozen.map(({ freeze }) => [freeze.id, proof])), trouble }
  }

  return {
    guard,
    async tend(frozen) {
      // What it does not finish it may yet write: a second order beside the first could be overtaken by it.
      if (isBusy) return unknown(frozen, 'an earlier attempt has not ended yet')
      isBusy = true
      try {
        const done = await within(withinMs, (signal) =>
          work(frozen, signal).finally(() => {
            isBusy = false
          }),
        )
        proofs = done.proofs
        return done
      } catch {
        proofs = new Map()
        return unknown(frozen, `it did not answer within ${withinMs / 1_000} s`)
      }
    },
  }
}

/** The same text for the same things to enforce. */
function fingerprint(frozen: readonly GuardedFreeze[]): string {
  return JSON.stringify(frozen.map(({ freeze, workloads }) => [freeze, workloads]))
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
