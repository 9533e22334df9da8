import type { Receipt } from '../store.ts'
import type { Incoming } from './intake.ts'

interface Waiting {
  readonly incoming: Incoming
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/** Bounds how long one script keeps Redis. */
const LARGEST_GROUP = 128
/** What comes in a quiet hour waits for nothing: so many calls may follow each other at once, */
const BURST = 16
/** and then one each so many ms: a call of its own for each webhook of a storm costs Redis and this process more than what it says, */
const EVERY_MS = 4
/** unless there is enough for one already. */
const ENOUGH = 16

/**
 * Events that arrive in one turn of the event loop go to Redis in one call, and so share one write to its disk; where they keep coming, so do those that
 * arrive within a few ms.
 */
export function groupReceive(
  send: (incoming: readonly Incoming[]) => Promise<readonly Receipt[]>,
): (incoming: Incoming) => Promise<Receipt> {
  let waiting: Waiting[] = []
  let resting: NodeJS.Timeout | undefined
  let credit = BURST
  let countedAt = performance.now()

  function plan(): void {
    const now = performance.now()
    credit = Math.min(BURST, credit + (now - countedAt) / EVERY_MS)
    countedAt = now
    if (credit >= 1 || waiting.length >= ENOUGH) setImmediate(flush)
    else resting = setTimeout(flush, (1 - credit) * EVERY_MS)
  }

  function restNoMore(): void {
    if (resting === undefined) return
    clearTimeout(resting)
    resting = undefined
    setImmediate(flush)
  }

  function flush(): void {
    resting = undefined
    // Never less than nothing: whoever comes after a storm does not wait for it.
    credit = Math.max(0, credit - 1)
    const group = waiting.slice(0, LARGEST_GROUP)
    waiting = waiting.slice(LARGEST_GROUP)
    if (waiting.length > 0) plan()
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
      if (waiting.length === 1) plan()
      else if (waiting.length === ENOUGH) restNoMore()
    })
}
