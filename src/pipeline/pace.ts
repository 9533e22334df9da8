import type { IncidentEvent } from '../domain/event.ts'

/**
 * When to look at what has news, where they come faster than anybody reads them or from more places at once than can be looked at without keeping the
 * next from being heard. Lives in memory: what a process that dies had planned is still due.
 */
export interface Pace {
  /** There is news: wakes it once its turn has come, which is at once where nobody waits. */
  news(key: string, isUrgent?: boolean): void
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
  /** From the turn of what was looked at before to the next turn. */
  readonly apartMs: number
  /** The same from a first turn, which everybody waits for. */
  readonly firstsApartMs: number
  /** However many wait, nobody waits for longer: turns follow each other more closely then. */
  readonly longestMs: number
}

/** Above this, what was looked at long enough ago is forgotten. */
const REMEMBERED = 1_000

/** What was not looked at for a while comes before what was, and of that the urgent first. Its timers do not keep the process alive. */
export function createPace(options: PaceOptions, now: () => number, wake: (key: string) => void): Pace {
  const { everyMs, apartMs, firstsApartMs, longestMs } = options
  const lastAt = new Map<string, number>()
  /** Looked at just now. */
  const resting = new Map<string, NodeJS.Timeout>()
  const urgent = new Set<string>()
  const firsts = new Set<string>()
  const others = new Set<string>()
  const queues = [urgent, firsts, others]
  let turn: NodeJS.Timeout | undefined
  /** How many have waited at once since nobody did; at least the one whose turn it is. */
  let mostWaiting = 0

  const isPlanned = (key: string): boolean => resting.has(key) || queues.some((queue) => queue.has(key))

  function look(key: string): void {
    clearTimeout(resting.get(key))
    resting.delete(key)
    for (const queue of queues) queue.delete(key)
    if (lastAt.size >= REMEMBERED) for (const [old, at] of lastAt) if (at <= now() - everyMs) lastAt.delete(old)
    lastAt.set(key, now())
  }

  function takeTurn(key: string, untilNextMs: number): void {
    // Counted as a look, because it may be another replica that looks.
    look(key)
    turn = setTimeout(nextTurn, Math.min(untilNextMs, longestMs / mostWaiting)).unref()
    wake(key)
  }

  function nextTurn(): void {
    turn = undefined
    const queue = queues.find(({ size }) => size > 0)
    const [key] = queue ?? []
    if (key === undefined) mostWaiting = 0
    else takeTurn(key, queue === others ? apartMs : firstsApartMs)
  }

  function wait(key: string, queue: Set<string>): void {
    resting.delete(key)
    queue.add(key)
    mostWaiting = Math.max(mostWaiting, urgent.size + firsts.size + others.size)
    if (turn === undefined) nextTurn()
  }

  return {
    news(key, isUrgent = false) {
      if (isPlanned(key)) return
      const last = lastAt.get(key)
      if (last === undefined || now() - last >= longestMs) wait(key, isUrgent ? urgent : firsts)
      else {
        // A clock that was set back makes nobody rest for longer than once.
        const rest = Math.min(everyMs, last + everyMs - now())
        if (rest <= 0) wait(key, others)
        else resting.set(key, setTimeout(wait, rest, key, others).unref())
      }
    },
    looking: look,
    isPlanned,
    stop() {
      for (const timer of resting.values()) clearTimeout(timer)
      resting.clear()
      for (const queue of queues) queue.clear()
      clearTimeout(turn)
    },
  }
}

type FromMonitor = Extract<IncidentEvent, { type: 'pagerduty' | 'alert' }>

/** What monitors say comes in storms, and nobody waits for each word of it. */
export function isFromMonitor(event: IncidentEvent): event is FromMonitor {
  return event.type === 'pagerduty' || event.type === 'alert'
}

export function isUrgent(said: FromMonitor): boolean {
  const { urgency } = said.type === 'alert' ? said.alert : said.event.incident
  return urgency === 'high'
}
