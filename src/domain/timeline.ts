/** One line of an incident's append-only record. */
export interface TimelineEntry {
  /** ms since the epoch. */
  readonly at: number
  /** Who: a person's id, "pagerduty", or "incbot". */
  readonly actor: string
  readonly type: string
  /** One sentence for people. */
  readonly text: string
  readonly data?: Readonly<Record<string, unknown>>
}

/** As stored: numbered within its incident and chained to the entry before by hash, so that a change in between shows. */
export interface RecordedTimelineEntry extends TimelineEntry {
  readonly sequence: number
  readonly previousHash: string
  readonly hash: string
}
