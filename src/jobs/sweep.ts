import type { Store } from '../store/store.ts'
import type { Jobs } from './jobs.ts'

export interface SweepOptions {
  readonly store: Store
  readonly jobs: Jobs
  readonly intervalMs: number
  readonly now: () => number
  /** Whether the key is about to be handled anyway: woken with all others at once, what is busy would only be busier. */
  readonly isPlanned?: (key: string) => boolean
  /** The due set could not be read; the next sweep tries again. */
  readonly onError: (error: unknown) => void
}

export interface Sweep {
  stop(): void
}

/**
 * Repairs lost wake-ups: at once and at every interval it wakes all that is due in the store, and sets an alarm for all that falls due
 * before the next sweep. Its timer does not keep the process alive.
 */
export function startSweep({ store, jobs, intervalMs, now, isPlanned = () => false, onError }: SweepOptions): Sweep {
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  async function sweep(): Promise<void> {
    try {
      const start = now()
      // All of it: a limit would let keys that keep failing, and so stay overdue the longest, hide the rest.
      const items = await store.due(start + intervalMs, Number.MAX_SAFE_INTEGER)
      if (stopped) return
      for (const { key, at } of items) {
        if (isPlanned(key)) continue
        if (at <= start) jobs.wake(key)
        else jobs.wakeAt(key, at)
      }
    } catch (error) {
      onError(error)
    }
    if (!stopped) timer = setTimeout(() => void sweep(), intervalMs).unref()
  }

  void sweep()
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
