import { type InboxEntry, isKnown } from '../domain/event.ts'
import type { TimelineEntry } from '../domain/timeline.ts'

/** Longer than an upgrade takes. After that nobody is expected who knows it. */
const LEFT_FOR_MS = 15 * 60_000
const TYPE_LENGTH = 100

/** How soon to look whether a replica of the later version has applied it. */
export const LOOK_AGAIN_MS = 5_000

/**
 * What of an inbox may be applied here. During an upgrade a replica of the next version may store what this one does not know: it is left to a replica
 * that does, with all that comes after it.
 */
export function understood(
  inbox: readonly InboxEntry[],
  now: number,
): { readonly entries: readonly InboxEntry[]; readonly isWaiting: boolean } {
  const end = inbox.findIndex(({ event, receivedAt }) => !isKnown(event) && now - receivedAt < LEFT_FOR_MS)
  return end < 0 ? { entries: inbox, isWaiting: false } : { entries: inbox.slice(0, end), isWaiting: true }
}

/** In place of what such an event would have done, once nobody is expected any more. */
export function leftOut({ type }: { readonly type: string }, now: number): TimelineEntry {
  const text = `Left out: a later version of incbot stored an event “${type.slice(0, TYPE_LENGTH)}”, and none came to apply it`
  return { at: now, actor: 'incbot', type: 'event.left-out', text }
}
