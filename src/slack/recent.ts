/** Remembers keys for a while, and never more than so many of them: the oldest are forgotten first. */
export interface Recent {
  /** Whether the key is new; it no longer is after that. */
  firstTime(key: string): boolean
}

export function createRecent(options: {
  readonly ttlMs: number
  readonly limit: number
  readonly now: () => number
}): Recent {
  const seenAt = new Map<string, number>()

  function forget(now: number): void {
    // In order of insertion, which is the order of age.
    for (const [key, at] of seenAt) {
      if (at > now - options.ttlMs && seenAt.size < options.limit) return
      seenAt.delete(key)
    }
  }

  return {
    firstTime(key) {
      const now = options.now()
      forget(now)
      if (seenAt.has(key)) return false
      seenAt.set(key, now)
      return true
    },
  }
}
