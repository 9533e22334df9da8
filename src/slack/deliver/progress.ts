import { toSlackError } from '../errors.ts'
import type { Content } from '../render/message.ts'
import type { Desk } from './desk.ts'
import { hashOf } from './ledger.ts'
import { edit } from './post.ts'

/** Edits that only say how far something has come. They live in memory: whatever follows them is what counts. */
export interface Progress {
  /** Shows it if Slack has room for it right now; never waited for. */
  show(desk: Desk, message: { readonly channel: string; readonly ts: string }, key: string, content: Content): void
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

  return {
    show(desk, message, key, content) {
      const hash = hashOf(content)
      if (shown.get(key) === hash) return
      if (shown.size >= REMEMBERED) shown.clear()
      shown.set(key, hash)
      edit(desk, message, key, content, { priority: 'normal', deadlineMs: DEADLINE_MS }).catch((error: unknown) => {
        const failure = toSlackError(error, 'chat.update')
        if (failure.kind === 'ambiguous') doubted.add(key)
        desk.log.debug({ err: failure, delivery: key }, 'Progress was not shown')
      })
    },
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
