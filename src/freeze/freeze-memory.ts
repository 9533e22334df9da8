import type { Freeze } from '../domain/freeze.ts'
import type { Store } from '../store/store.ts'

/** The freezes that the store named last. */
export interface RememberedFreezes {
  /** When they were asked for, ms since the epoch. */
  readonly at: number
  readonly freezes: readonly Freeze[]
}

/** All freezes of the store, and what it said last: whoever reads through it keeps the memory fresh for the time when the store is away. */
export interface FreezeMemory {
  /** Those that hold at `now`, from the store. Rejects as the store does. */
  activeFreezes(now: number): Promise<readonly Freeze[]>
  /** Undefined until the store has answered once. */
  remembered(): RememberedFreezes | undefined
}

export function createFreezeMemory(store: Pick<Store, 'activeFreezes'>): FreezeMemory {
  let last: RememberedFreezes | undefined
  let lastAsked = 0
  let asked = 0
  return {
    async activeFreezes(now) {
      const turn = ++asked
      const freezes = await store.activeFreezes(now)
      // An answer that was overtaken by a later question's may be older than that one's. Turns, not times: clocks are set back.
      if (turn > lastAsked) {
        lastAsked = turn
        last = { at: now, freezes }
      }
      return freezes
    },
    remembered: () => last,
  }
}
