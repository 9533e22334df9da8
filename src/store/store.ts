import type { InboxEntry, IncidentEvent } from '../domain/event.ts'
import type { Exemption, Freeze } from '../domain/freeze.ts'
import type { Incident } from '../domain/incident.ts'
import type { RecordedTimelineEntry, TimelineEntry } from '../domain/timeline.ts'

/** Something that must be looked at when its time has come. `ticket` changes whenever it is marked again. */
export interface DueItem {
  readonly key: string
  readonly at: number
  readonly ticket: number
}

/** Held by one owner at a time until it expires. `fence` grows with every acquisition of the same key: a late writer is refused by it. */
export interface Lease {
  readonly key: string
  readonly owner: string
  readonly fence: number
  readonly expiresAt: number
}

export interface Versioned<T> {
  readonly value: T
  readonly version: number
}

/** One event on its way in. */
export interface Arrival {
  /** The incident that it is about. It is put into that one's inbox, or into the inbox of the one that this has joined. */
  readonly incidentId: string
  readonly event: IncidentEvent
  /** The event is a duplicate when any of them was seen before. */
  readonly dedupKeys: readonly string[]
  /** Keys that this event takes back once it is stored, so that what it undid may happen again. */
  readonly frees?: readonly string[]
  /**
   * Incidents that arrive with the same key within a while become one. The first leads until `until`, ms since the epoch; what
   * arrives before that joins it, for good. An incident that has a record or an inbox of its own never joins another.
   */
  readonly group?: { readonly key: string; readonly until: number }
}

/** What became of an arrival, and the incident whose inbox it belongs into: its own, or the one that its own has joined. */
export interface Receipt {
  readonly outcome: 'stored' | 'duplicate'
  readonly incidentId: string
}

/** One atomic change of an incident: the record, what was consumed from its inbox, its timeline, and what is due next. */
export interface Commit {
  readonly incident: Incident
  /** The version that was read; 0 for an incident that is new. */
  readonly expectedVersion: number
  /** The lease under which the incident was read: an older fence than the newest one given out is refused, and one that was released. */
  readonly lease: Lease
  /** Inbox entries up to and including this sequence are done; 0 for none. */
  readonly consumedUpTo: number
  readonly timeline: readonly TimelineEntry[]
  /** The due item that this change answers; removed with it unless it was marked again since. Applied before `due`. */
  readonly settles?: DueItem
  /** Keys to mark due, each with its time in ms since the epoch. */
  readonly due: readonly { readonly key: string; readonly at: number }[]
  /** Nothing joins it any more. Without effect while events wait in its inbox: one of them may have joined and keep it open. */
  readonly endsGroup?: boolean
}

/**
 * The intent to send something to Slack or PagerDuty, stored before it is sent and completed afterwards, so that after a crash
 * it is known what may have arrived. `intended`: perhaps sent. `sent`: confirmed. `abandoned`: given up, `note` says why.
 */
export interface Delivery {
  /** Stable: the same thing to say has the same key, whoever computes it. */
  readonly key: string
  readonly incidentId: string
  readonly state: 'intended' | 'sent' | 'abandoned'
  /** Hash of the content that was confirmed last; undefined until then. */
  readonly contentHash?: string
  /** Where it stands: channel and ts in Slack, note id in PagerDuty. */
  readonly channel?: string
  readonly reference?: string
  readonly note?: string
  readonly updatedAt: number
}

/** Finds incidents for people: `/inc status`. */
export interface IncidentQuery {
  readonly service?: string
  readonly open?: boolean
  readonly limit: number
}

/**
 * Durable memory. Every method is atomic and durable when its promise resolves; a rejected promise means that nothing is known
 * about the effect, and every method may be repeated after that. No method reads the clock: times come in.
 */
export interface Store {
  /**
   * Takes one event in: finds the incident that it belongs to, remembers the deduplication keys, appends to that incident's inbox, and
   * marks `incident:<id>` due, all or nothing. Of many that arrive together with one group key exactly one leads. Of a duplicate nothing
   * is stored.
   */
  receive(arrival: Arrival, now: number): Promise<Receipt>
  /** Unconsumed events in order of arrival, at most `limit`. */
  inbox(incidentId: string, limit: number): Promise<readonly InboxEntry[]>

  incident(id: string): Promise<Versioned<Incident> | undefined>
  /** Ids of all incidents in ascending order, those behind `after`, at most `limit`: to walk through everything, as an export does. */
  incidentIds(after: string | undefined, limit: number): Promise<readonly string[]>
  /** Which incidents are open, the newest first, at most `limit`: for whoever keeps what it read and reads only what has changed. */
  openVersions(limit: number): Promise<readonly { readonly id: string; readonly version: number }[]>
  /** Newest first. */
  incidents(query: IncidentQuery): Promise<readonly Incident[]>
  /** `conflict` when the version or the fence is stale; nothing is changed then. */
  commit(change: Commit): Promise<'committed' | 'conflict'>
  timeline(incidentId: string): Promise<readonly RecordedTimelineEntry[]>
  /** Its last entry's number and hash; undefined while it is empty. */
  timelineEnd(incidentId: string): Promise<Pick<RecordedTimelineEntry, 'sequence' | 'hash'> | undefined>

  /** Due at or before `now`, the longest overdue first. */
  due(now: number, limit: number): Promise<readonly DueItem[]>
  /** The item of one key, whenever it is due. */
  dueItem(key: string): Promise<DueItem | undefined>
  /** When the next item falls due after `now`; undefined when none will. */
  nextDueAt(now: number): Promise<number | undefined>
  /** Of the time it has and the new one the earlier counts: a promised wake-up is never postponed. Its ticket changes. */
  markDue(key: string, at: number): Promise<void>
  /** Removes the item unless it was marked again since `ticket` was read. */
  settle(item: DueItem): Promise<void>

  /** Undefined while somebody else holds it. */
  acquire(key: string, owner: string, ttlMs: number, now: number): Promise<Lease | undefined>
  /** The lease with its new end; undefined when it was lost. */
  renew(lease: Lease, ttlMs: number, now: number): Promise<Lease | undefined>
  release(lease: Lease): Promise<void>

  deliveries(incidentId: string): Promise<readonly Delivery[]>
  saveDelivery(delivery: Delivery): Promise<void>

  /** Creates the freeze unless one with this id exists already; the stored one either way. */
  addFreeze(freeze: Freeze): Promise<Freeze>
  /** Lifts it unless it is lifted already; the stored one, undefined when there is none with this id. */
  liftFreeze(id: string, by: string, now: number): Promise<Freeze | undefined>
  /** Moves its end; never towards an earlier one, and not of a freeze that was lifted. The stored one, undefined when there is none with this id. */
  extendFreeze(id: string, until: number): Promise<Freeze | undefined>
  /** Adds an exemption, or replaces the one of the same kind and value. The stored one, undefined when there is none with this id. */
  exemptDeploy(id: string, exemption: Exemption): Promise<Freeze | undefined>
  /** Freezes that hold at `now`, of one service or of all. */
  activeFreezes(now: number, service?: string): Promise<readonly Freeze[]>

  /** Small settings that outlive a restart, such as the kill switch. */
  setting(name: string): Promise<string | undefined>
  setSetting(name: string, value: string | undefined): Promise<void>

  /**
   * Forgets deduplication keys older than `before`, and who joined before then an incident that is resolved by now. Returns how many keys.
   */
  forgetKeys(before: number): Promise<number>
  /** Counts for metrics. */
  depth(now: number): Promise<{ readonly inbox: number; readonly due: number }>
  /** Resolves when the store can be written to; rejects with the reason otherwise. */
  probe(): Promise<void>
  close(): Promise<void>
}
