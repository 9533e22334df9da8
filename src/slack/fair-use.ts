import type { Person } from '../domain/event.ts'

/** What somebody asks for; each kind has an allowance of its own, so that a flood of one never stands in the way of another. */
export type UseKind = 'command' | 'button' | 'stop'

/** How often one person may ask within a minute, by kind. */
export type Allowances = Readonly<Record<UseKind, number>>

/**
 * More than anybody types or presses in an incident, and little enough that no script of one person's can hold up the others. What stops
 * something has its own, because whoever must stop something has often asked a lot just before.
 */
const PER_MINUTE: Allowances = { command: 20, button: 120, stop: 20 }
const MINUTE_MS = 60_000
/** Workspaces have thousands of people, an incident has dozens. */
const PEOPLE = 5_000

export interface FairUse {
  /** Counts one request. Why it is not taken, for whoever made it; undefined when it is. */
  refusal(by: Person, kind: UseKind): string | undefined
}

/**
 * A token bucket for each person (a user of a workspace) and kind: full at first, filled again within a minute. Whoever is refused has asked
 * that often in the minute before. Remembers at most `people` buckets, and forgets the one that was used longest ago first, which is the
 * fullest.
 */
export function createFairUse(options: {
  readonly now: () => number
  readonly perMinute?: Partial<Allowances>
  readonly people?: number
}): FairUse {
  const { now, people = PEOPLE } = options
  const perMinute = { ...PER_MINUTE, ...options.perMinute }
  /** When each bucket is full again, in ms. */
  const fullAt = new Map<string, number>()

  return {
    refusal({ workspace, user }, kind) {
      const most = perMinute[kind]
      const eachMs = MINUTE_MS / most
      const key = `${workspace} ${user} ${kind}`
      const at = now()
      // Further ahead than a whole minute is a clock that was set back.
      const full = Math.min(Math.max(fullAt.get(key) ?? at, at), at + MINUTE_MS)
      const waitMs = full + eachMs - (at + MINUTE_MS)
      fullAt.delete(key)
      if (fullAt.size >= people) forgetOldest(fullAt)
      fullAt.set(key, waitMs > 0 ? full : full + eachMs)
      return waitMs > 0 ? words(kind, most, Math.ceil(waitMs / 1_000)) : undefined
    },
  }
}

/** A map keeps the order of insertion. */
function forgetOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next()
  if (oldest.done !== true) map.delete(oldest.value)
}

function words(kind: UseKind, times: number, seconds: number): string {
  const did = kind === 'button' ? `pressed ${times} times` : `asked ${times} times`
  const meanwhile =
    kind === 'command' ? ' The buttons on cards and the commands `abort` and `off` work all the same.' : ''
  return `You ${did} within a minute, so incbot did not take this one; nothing was started. Try again in ${seconds} s.${meanwhile}`
}
