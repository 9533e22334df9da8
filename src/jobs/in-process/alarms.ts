/** setTimeout overflows above this (about 25 days) and would fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export interface Alarms {
  /** Calls `ring` at `at` (ms since the epoch), or soon when that has passed. Of several times for one key the earliest counts. */
  set(key: string, at: number, ring: () => void): void
  /** No alarm rings any more. */
  clear(): void
}

/** One timer per key; timers do not keep the process alive. */
export function alarms(now: () => number): Alarms {
  const pending = new Map<string, { readonly at: number; readonly timer: NodeJS.Timeout }>()

  function arm(key: string, at: number, ring: () => void): void {
    const waitMs = Math.min(Math.max(at - now(), 0), LONGEST_TIMEOUT_MS)
    const timer = setTimeout(() => {
      // The wait may have been cut at the longest, or the clock may have been set back.
      if (now() < at) return arm(key, at, ring)
      pending.delete(key)
      ring()
    }, waitMs).unref()
    pending.set(key, { at, timer })
  }

  return {
    set: (key, at, ring) => {
      const earlier = pending.get(key)
      if (earlier && earlier.at <= at) return
      clearTimeout(earlier?.timer)
      arm(key, at, ring)
    },
    clear: () => {
      for (const { timer } of pending.values()) clearTimeout(timer)
      pending.clear()
    },
  }
}
