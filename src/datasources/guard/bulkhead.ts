/** Lets so many in at the same time, lets so many wait, and sends the rest away. */
export interface Bulkhead {
  /** Resolves when there is room; the caller must `leave` then. Rejects with the signal's reason when that is aborted first. */
  enter(signal: AbortSignal): Promise<void>
  leave(): void
  readonly isFull: boolean
  readonly waiting: number
}

export function createBulkhead(atOnce: number, line: number): Bulkhead {
  let inside = 0
  // In the order in which they came.
  const waiting = new Set<() => void>()

  return {
    enter(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (inside < atOnce) {
        inside += 1
        return Promise.resolve()
      }
      return new Promise((resolve, reject) => {
        const called = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        const giveUp = (): void => {
          waiting.delete(called)
          reject(signal.reason)
        }
        waiting.add(called)
        signal.addEventListener('abort', giveUp, { once: true })
      })
    },
    leave() {
      const [next] = waiting
      if (next === undefined) {
        inside -= 1
        return
      }
      // Its room passes on to the one that has waited longest.
      waiting.delete(next)
      next()
    },
    get isFull() {
      return inside >= atOnce && waiting.size >= line
    },
    get waiting() {
      return waiting.size
    },
  }
}
