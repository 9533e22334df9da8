import type { IncidentEvent } from '../domain/event.ts'

/** How often something is looked at whose news come faster than anybody reads them. Lives in memory: what a process that dies had planned is still due. */
export interface Pace {
  /** There is news: wakes it at once where there was none for a while, and otherwise when its turn has come. */
  news(key: string): void
  /** It is being looked at, with all its news so far. */
  looking(key: string): void
  /** Whether its turn is still to come. */
  isPlanned(key: string): boolean
  /** Wakes nothing any more. */
  stop(): void
}

export interface PaceOptions {
  /** What follows the first news within this time is looked at together. */
  readonly everyMs: number
  /** The more have news, the longer each waits: this is kept between one turn and the next. */
  readonly apartMs: number
  /** However many they are, nothing waits for longer. */
  readonly longestMs: number
}

/** Above this, what was looked at long enough ago is forgotten. */
const REMEMBERED = 1_000

/** The first news of each is looked at at once, what follows in turn. Its timers do not keep the process alive. */
export function createPace(
  { everyMs, apartMs, longestMs }: PaceOptions,
  now: () => number,
  wake: (key: string) => void,
): Pace {
  const lastAt = new Map<string, number>()
  const turns = new Map<string, NodeJS.Timeout>()
  let freeFrom = 0

  function look(key: string): void {
    clearTimeout(turns.get(key))
    turns.delete(key)
    if (lastAt.size >= REMEMBERED) for (const [old, at] of lastAt) if (at <= now() - everyMs) lastAt.delete(old)
    lastAt.set(key, now())
  }

  function ring(key: string): void {
    // Counted as a look, because it may be another replica that looks.
    look(key)
    wake(key)
  }

  /** ms until its turn. A clock that was set back makes nobody wait for longer than once. */
  function waitAfter(last: number): number {
    const soonest = Math.min(now() + everyMs, Math.max(now(), last + everyMs))
    const turn = Math.min(now() + longestMs, Math.max(soonest, freeFrom))
    freeFrom = turn + apartMs
    return turn - now()
  }

  return {
    news(key) {
      if (turns.has(key)) return
      const last = lastAt.get(key)
      if (last === undefined || now() - last >= longestMs) ring(key)
      else turns.set(key, setTimeout(ring, waitAfter(last), key).unref())
    },
    looking: look,
    isPlanned: (key) => turns.has(key),
    stop() {
      for (const timer of turns.values()) clearTimeout(timer)
      turns.clear()
    },
  }
}

/** What monitors say comes in storms, and nobody waits for each word of it. */
export function isFromMonitor({ type }: IncidentEvent): boolean {
  return type === 'pagerduty' || type === 'alert'
}
