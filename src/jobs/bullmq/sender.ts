/** Sends wake-ups without anybody waiting for them, and never more than so many at the same time. */
export interface Sender {
  /** Never throws, never waits. What is sent again while it is on its way goes out once more afterwards. */
  send(id: string, add: () => Promise<unknown>): void
  /** Resolves when nothing is on its way any more. Never rejects. */
  settled(): Promise<void>
}

export interface SenderOptions {
  /** Different ids on their way at the same time; what comes on top is left out. */
  readonly limit: number
  /** The first of a row of failures: the others would say the same. */
  readonly onFailure: (error: unknown) => void
}

/**
 * A Redis that hangs must not fill the memory: each id is on its way once, and beyond the limit it is left to the sweep. An id that is
 * sent again meanwhile goes out once more, since the first may have been taken, and handled, before whatever the second one is about.
 */
export function createSender({ limit, onFailure }: SenderOptions): Sender {
  const onTheirWay = new Map<string, { readonly sent: Promise<void>; again: (() => Promise<unknown>) | undefined }>()
  let failing = false

  function note(error: unknown): void {
    if (!failing) onFailure(error)
    failing = true
  }

  function send(id: string, add: () => Promise<unknown>): void {
    const before = onTheirWay.get(id)
    if (before) before.again = add
    else if (onTheirWay.size < limit) onTheirWay.set(id, { sent: deliver(id, add), again: undefined })
    else note(new Error(`${limit} wake-ups wait for Redis; more are left to the sweep`))
  }

  async function deliver(id: string, add: () => Promise<unknown>): Promise<void> {
    try {
      // Noted as on its way first, also where `add` throws at once.
      await Promise.resolve().then(add)
      failing = false
    } catch (error) {
      note(error)
    }
    const again = onTheirWay.get(id)?.again
    onTheirWay.delete(id)
    if (again) send(id, again)
  }

  return {
    send,
    async settled() {
      while (onTheirWay.size > 0) await Promise.all([...onTheirWay.values()].map(({ sent }) => sent))
    },
  }
}
