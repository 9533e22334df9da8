import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError } from '../store-error.ts'

const REACHED_WITHIN_MS = 3_000
const TRY_EVERY_MS = 50

/** Does `work` as soon as Redis answers. Throws why it does not where that takes too long, and at once whatever else `work` throws. */
export async function onceReached<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + REACHED_WITHIN_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const isAway = error instanceof StoreError && error.problem === 'unavailable'
      if (!isAway || performance.now() > deadline) throw error
      await sleep(TRY_EVERY_MS)
    }
  }
}
