export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved'

/** Of an incident itself, apart from what joined it. */
export interface OwnStatus {
  readonly status: IncidentStatus
  /** When its source made it so, ms since the epoch. */
  readonly statusAt: number
}
