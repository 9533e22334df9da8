/** Looks at one due key, such as `incident:pd-Q1`; resolves when nothing is left to do for now. */
export type JobHandler = (key: string) => Promise<void>

/**
 * Wakes handlers; carries no state. A wake-up may be lost or doubled: the due set in the store is what counts, and a sweep over it repairs.
 * One key is never handled twice at the same time in one process, nor by two replicas while both are well; a wake-up during handling runs
 * the handler once more afterwards. Waking never throws and never waits, whatever state the queue is in.
 */
export interface Jobs {
  /** Handles `key` as soon as there is room. */
  wake(key: string): void
  /** Handles `key` at `at` (ms since the epoch), or at once when that has passed. */
  wakeAt(key: string, at: number): void
  /** Starts working; `handlers` maps a key's part before the colon to its handler. Keys with another prefix are a programming error. */
  start(handlers: Readonly<Record<string, JobHandler>>): void
  /** Takes no more work and resolves when what runs has ended, or after `graceMs`. */
  stop(graceMs: number): Promise<void>
  /** Waiting and running keys, of all replicas that share the queue, for metrics. Rejects when the queue is out of reach. */
  depth(): Promise<number>
}
