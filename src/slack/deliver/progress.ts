import { toSlackError } from '../errors.ts'
import type { Content } from '../render/message.ts'
import type { Desk } from './desk.ts'
import { hashOf } from './ledger.ts'
import { edit } from './post.ts'

/** Edits that only say how far something has come. They live in memory: whatever follows them is what counts. */
export interface Progress {
  /** Shows it if Slack has room for it right now; nothing else of the run waits for it. */
  show(desk: Desk, message: { readonly channel: string; readonly ts: string }, key: string, content: Content): void
  /** Resolves when what is shown for this message has arrived or never will. Another replica's edit must come after it. Never rejects. */
  settled(key: string): Promise<void>
  /** Slack did not confirm an edit of this message, so it may still happen. */
  doubt(key: string): void
  /** An edit was just confirmed, and what was shown before is gone. Whether one before it was in doubt; it no longer is. */
  settleDoubt(key: string): boolean
}

/** Waits half a second for its turn, then two for Slack. */
const DEADLINE_MS = 2_500
const REMEMBERED = 1_000

export function createProgress(): Progress {
  const shown = new Map<string, string>()
  const doubted = new Set<string>()
  const underWay = new Map<string, Promise<void>>()

  return {
    show(desk, message, key, content) {
      const hash = hashOf(content)
      if (shown.get(key) === hash) return
      if (shown.size >= REMEMBERED) shown.clear()
      shown.set(key, hash)
      const ended = edit(desk, message, key, content, { priority: 'progress', deadlineMs: DEADLINE_MS }).catch(
        (error: unknown) => {
          const failure = toSlackError(error, 'chat.update')
          if (failure.kind === 'ambiguous') doubted.add(key)
          desk.log.debug({ err: failure, delivery: key }, 'Progress was not shown')
        },
      )
      underWay.set(key, ended)
      void ended.finally(() => {
        if (underWay.get(key) === ended) underWay.delete(key)
      })
    },
    settled: async (key) => underWay.get(key),
    doubt(key) {
      if (doubted.size >= REMEMBERED) doubted.clear()
      doubted.add(key)
    },
    settleDoubt(key) {
      shown.delete(key)
      return doubted.delete(key)
    },
  }
}
