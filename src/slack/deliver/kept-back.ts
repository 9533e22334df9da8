/** Since when our own limits have kept things back. In memory: whoever starts anew begins to count anew. */
export interface KeptBack {
  /** It is kept back once more. How long this has gone on, ms. */
  again(key: string): number
  /** It is said, or never will be. */
  over(key: string): void
}

const REMEMBERED = 5_000

export function createKeptBack(now: () => number): KeptBack {
  const since = new Map<string, number>()
  return {
    again(key) {
      const first = since.get(key) ?? now()
      if (since.size < REMEMBERED) since.set(key, first)
      return now() - first
    },
    over: (key) => void since.delete(key),
  }
}
