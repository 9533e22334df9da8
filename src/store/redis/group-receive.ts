import type { Receipt } from '../store.ts'
import type { Incoming } from './intake.ts'

interface Waiting {
  readonly incoming: Incoming
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/** Bounds how long one script keeps Redis. */
const LARGEST_GROUP = 128

/** Events that arrive in one turn of the event loop go to Redis in one call, and so share one write to its disk. */
export function groupReceive(
  send: (incoming: readonly Incoming[]) => Promise<readonly Receipt[]>,
): (incoming: Incoming) => Promise<Receipt> {
  let waiting: Waiting[] = []

  function flush(): void {
    const group = waiting.slice(0, LARGEST_GROUP)
    waiting = waiting.slice(LARGEST_GROUP)
    if (waiting.length > 0) setImmediate(flush)
    void settle(group)
  }

  async function settle(group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await send(group.map(({ incoming }) => incoming))
      for (const [index, { resolve, reject }] of group.entries()) {
        const answer = answers[index]
        if (answer === undefined) reject(new TypeError('Redis answered for fewer events than it was given.'))
        else resolve(answer)
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  return (incoming) =>
    new Promise((resolve, reject) => {
      waiting.push({ incoming, resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}
