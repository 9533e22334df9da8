import type { Priority } from './priority.ts'

/** A call that was told when to come back. Until then nobody who is behind it in line takes its turn. */
export interface Place {
  readonly priority: Priority
  /** When it asked first, ms since the epoch. */
  readonly since: number
  /** Names of what limits it. */
  readonly lanes: readonly string[]
  /** Whoever has not come back by then has lost it. */
  readonly until: number
}

export interface Places {
  keep(key: string, place: Place): void
  /** Whoever comes back takes its place along; undefined where it has none. */
  take(key: string): Place | undefined
  /** All that still hold. */
  current(now: number): readonly Place[]
}

/** One for each thing that waits to be said; above this a storm has other worries than its order. */
const MOST = 2_000

export function createPlaces(): Places {
  const places = new Map<string, Place>()
  return {
    keep(key, place) {
      if (places.size < MOST || places.has(key)) places.set(key, place)
    },
    take(key) {
      const place = places.get(key)
      places.delete(key)
      return place
    },
    current(now) {
      for (const [key, { until }] of places) if (until < now) places.delete(key)
      return [...places.values()]
    },
  }
}
