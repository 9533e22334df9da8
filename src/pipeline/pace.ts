import type { IncidentEvent } from '../domain/event.ts'

/** How often something is looked at whose news come faster than anybody reads them. */
export interface Pace {
  /** When to look at it, ms since the epoch: now where that was not done for a while. */
  nextAt(key: string): number
  /** It is being looked at. */
  looking(key: string): void
}

/** Above this, what was looked at long enough ago is forgotten. */
const REMEMBERED = 1_000

/** The first news is looked at at once, what follows within `everyMs` together. */
export function createPace(everyMs: number, now: () => number): Pace {
  const lastAt = new Map<string, number>()

  function forgetOld(): void {
    for (const [key, at] of lastAt) if (at <= now() - everyMs) lastAt.delete(key)
  }

  return {
    nextAt(key) {
      const last = lastAt.get(key)
      // A clock that was set back makes nobody wait for longer than once.
      return last === undefined ? now() : Math.min(now() + everyMs, Math.max(now(), last + everyMs))
    },
    looking(key) {
      if (lastAt.size >= REMEMBERED) forgetOld()
      lastAt.set(key, now())
    },
  }
}

/** What monitors say comes in storms, and nobody waits for each word of it. */
export function isFromMonitor({ type }: IncidentEvent): boolean {
  return type === 'pagerduty' || type === 'alert'
}
