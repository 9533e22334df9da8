import type { IncidentEvent } from '../domain/event.ts'

/** How often something is looked at whose news come faster than anybody reads them. */
export interface Pace {
  /** When to look at it, ms since the epoch: now where that was not done for a while. The same moment until it is looked at. */
  nextAt(key: string): number
  /** It is being looked at. */
  looking(key: string): void
  /** Whether a moment at which to look at it was given and is still to come. */
  isPlanned(key: string): boolean
}

export interface PaceOptions {
  /** What follows the first news within this time is looked at together. */
  readonly everyMs: number
  /** The more have news, the longer each waits: this is kept between one look and the next. */
  readonly apartMs: number
  /** However many they are, nothing waits for longer. */
  readonly longestMs: number
}

/** Above this, what was looked at long enough ago is forgotten. */
const REMEMBERED = 1_000

/** The first news of each is looked at at once, what follows in turn. */
export function createPace({ everyMs, apartMs, longestMs }: PaceOptions, now: () => number): Pace {
  const lastAt = new Map<string, number>()
  const planned = new Map<string, number>()
  let freeFrom = 0

  function forgetOld(): void {
    for (const [key, at] of lastAt) if (at <= now() - everyMs && !planned.has(key)) lastAt.delete(key)
  }

  /** When its turn would come. A clock that was set back makes nobody wait for longer than once. */
  function turnAfter(last: number): number {
    const soonest = Math.min(now() + everyMs, Math.max(now(), last + everyMs))
    const turn = Math.min(now() + longestMs, Math.max(soonest, freeFrom))
    freeFrom = turn + apartMs
    return turn
  }

  return {
    nextAt(key) {
      const last = lastAt.get(key)
      if (last === undefined || now() - last >= longestMs) return now()
      const before = planned.get(key)
      if (before !== undefined && before <= now() + longestMs) return Math.max(now(), before)
      const turn = turnAfter(last)
      planned.set(key, turn)
      return turn
    },
    looking(key) {
      if (lastAt.size >= REMEMBERED) forgetOld()
      lastAt.set(key, now())
      planned.delete(key)
    },
    isPlanned: (key) => (planned.get(key) ?? 0) > now(),
  }
}

/** What monitors say comes in storms, and nobody waits for each word of it. */
export function isFromMonitor({ type }: IncidentEvent): boolean {
  return type === 'pagerduty' || type === 'alert'
}
