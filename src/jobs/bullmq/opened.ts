/** A queue or worker of BullMQ. */
interface Opened {
  waitUntilReady(): Promise<unknown>
  close(force?: boolean): Promise<void>
}

/** The one that is open now. */
export interface Lasting<T> {
  current(): T
  /** No more are opened. */
  stop(): void
}

const AGAIN_MS = 500

/**
 * BullMQ asks the server for its version as it opens, once: where it got no answer in time, the queue or worker is of no use any more,
 * however well Redis is later. Then another one is opened.
 */
export function lasting<T extends Opened>(open: () => T): Lasting<T> {
  let stopped = false
  let current = begin()

  function begin(): T {
    const opened = open()
    opened.waitUntilReady().catch(() => {
      const again = setTimeout(() => {
        if (stopped) return
        opened.close(true).catch(() => undefined)
        current = begin()
      }, AGAIN_MS)
      again.unref()
    })
    return opened
  }

  return {
    current: () => current,
    stop: () => {
      stopped = true
    },
  }
}
