import { createHash } from 'node:crypto'
import type { RecordedTimelineEntry, TimelineEntry } from '../domain/timeline.ts'
import { canonicalJson } from './record-json.ts'

/** What the first entry of every timeline has in place of a hash before it. */
export const FIRST_PREVIOUS_HASH = '0'.repeat(64)

/** Where a timeline ends: what the next entry is chained to. */
export type ChainEnd = Pick<RecordedTimelineEntry, 'sequence' | 'hash'>

/**
 * Numbers new entries and chains them to the end of their incident's timeline (undefined when it is empty).
 * Each hash is SHA-256, in hexadecimal, over the hash before it followed by the entry with its sequence as canonical JSON.
 */
export function chainEntries(
  end: ChainEnd | undefined,
  entries: readonly TimelineEntry[],
): readonly RecordedTimelineEntry[] {
  let last: ChainEnd = end ?? { sequence: 0, hash: FIRST_PREVIOUS_HASH }
  return entries.map((entry) => {
    const numbered = { ...entry, sequence: last.sequence + 1 }
    const recorded = { ...numbered, previousHash: last.hash, hash: hashOf(last.hash, numbered) }
    last = recorded
    return recorded
  })
}

/**
 * Whether a whole timeline, in order, is as it was recorded; `at` is the first sequence that is changed, missing or out of place.
 * Entries cut off the end cannot be noticed by the chain alone.
 */
export function verifyTimeline(
  entries: readonly RecordedTimelineEntry[],
): { readonly ok: true } | { readonly ok: false; readonly at: number } {
  for (const [index, entry] of entries.entries()) {
    if (!isNext(entries[index - 1], entry)) return { ok: false, at: index + 1 }
  }
  return { ok: true }
}

/** Whether the entry is the one that follows this end (undefined: the first one), as it was recorded. */
export function isNext(end: ChainEnd | undefined, entry: RecordedTimelineEntry): boolean {
  const { hash, previousHash, ...numbered } = entry
  const previous = end ?? { sequence: 0, hash: FIRST_PREVIOUS_HASH }
  return (
    numbered.sequence === previous.sequence + 1 &&
    previousHash === previous.hash &&
    hash === hashOf(previousHash, numbered)
  )
}

function hashOf(previousHash: string, numbered: TimelineEntry & { readonly sequence: number }): string {
  return createHash('sha256')
    .update(previousHash + canonicalJson(numbered))
    .digest('hex')
}
