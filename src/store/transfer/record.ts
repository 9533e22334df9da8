import type { InboxEntry } from '../../domain/event.ts'
import type { Freeze } from '../../domain/freeze.ts'
import type { Incident } from '../../domain/incident.ts'
import type { RecordedTimelineEntry } from '../../domain/timeline.ts'
import type { Delivery } from '../store.ts'

/** What must not be given out again, wherever the records are. */
export interface LastNumbers {
  /** The last number of an event in an inbox and of a ticket. */
  readonly last: number
  /** No fence was larger. */
  readonly fence: number
}

/**
 * One thing that a store keeps and that moves with it. Records are as they stand in JSON, with `null` for the gaps of a list, so that they are
 * written again letter by letter. Leases do not move: whoever held one is gone.
 */
export type TransferRecord =
  | { readonly kind: 'incident'; readonly version: number; readonly record: Incident }
  /** Follows its incident and the entry before it. */
  | { readonly kind: 'entry'; readonly incidentId: string; readonly entry: RecordedTimelineEntry }
  | ({ readonly kind: 'event'; readonly incidentId: string } & InboxEntry)
  /** A deduplication key. */
  | { readonly kind: 'seen'; readonly key: string; readonly at: number }
  | { readonly kind: 'leader'; readonly group: string; readonly incidentId: string; readonly until: number }
  | { readonly kind: 'joined'; readonly incidentId: string; readonly leaderId: string; readonly at: number }
  | { readonly kind: 'due'; readonly key: string; readonly at: number; readonly ticket: number }
  | { readonly kind: 'delivery'; readonly record: Delivery }
  | { readonly kind: 'freeze'; readonly record: Freeze }
  | { readonly kind: 'setting'; readonly name: string; readonly value: string }
  | ({ readonly kind: 'numbers' } & LastNumbers)

export type RecordKind = TransferRecord['kind']

/** Each kind in words, for one and for several, in the order in which they are written. `numbers` are no record of their own. */
const WORDS: readonly (readonly [RecordKind, string, string])[] = [
  ['incident', 'incident', 'incidents'],
  ['entry', 'timeline entry', 'timeline entries'],
  ['event', 'event in an inbox', 'events in inboxes'],
  ['seen', 'deduplication key', 'deduplication keys'],
  ['leader', 'group', 'groups'],
  ['joined', 'joined incident', 'joined incidents'],
  ['due', 'due item', 'due items'],
  ['delivery', 'delivery', 'deliveries'],
  ['freeze', 'freeze', 'freezes'],
  ['setting', 'setting', 'settings'],
]

/** "12 incidents, 1 freeze"; "nothing" where there is none of any kind. */
export function countsInWords(counts: Readonly<Partial<Record<RecordKind, number>>>): string {
  const parts = WORDS.flatMap(([kind, one, several]) => {
    const count = counts[kind] ?? 0
    return count === 0 ? [] : [`${count.toLocaleString('en')} ${count === 1 ? one : several}`]
  })
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/** Where records come from; in the same order from every store, so that two can be compared. */
export interface RecordSource {
  /** Every record, a few at a time in memory. */
  records(): AsyncIterable<TransferRecord>
  close(): Promise<void>
}

/** Where records go. Until `finish` has resolved no bot starts on them; whoever gives up calls `abandon`, after which nothing of them is left. */
export interface RecordTarget {
  /** "Redis at …": for texts. */
  readonly name: string
  /** What is there, or was written so far. */
  records(): AsyncIterable<TransferRecord>
  /** Makes room: takes away what an import that was cut off left behind. Nothing else is taken away. */
  prepare(): Promise<void>
  /** From now on this is an import. Called once it is known that nothing is there. */
  begin(): Promise<void>
  write(records: readonly TransferRecord[]): Promise<void>
  finish(): Promise<void>
  abandon(): Promise<void>
  close(): Promise<void>
}
