import type { InboxEntry, IncidentEvent } from '../../domain/event.ts'
import { decodeRecord } from '../record-json.ts'
import type { Database } from './database.ts'

interface Row {
  readonly sequence: number
  readonly received_at: number
  readonly event: string
}

/** Deduplication keys and inboxes. Every call belongs into the caller's transaction. */
export function inboxTables(database: Database) {
  const findKey = database.query('SELECT 1 FROM seen_keys WHERE key = ?')
  const addKey = database.query('INSERT OR IGNORE INTO seen_keys (key, seen_at) VALUES (?, ?)')
  const forgetKeys = database.query('DELETE FROM seen_keys WHERE seen_at < ?')
  const append = database.query('INSERT INTO inbox (incident_id, received_at, event) VALUES (?, ?, ?)')
  const read = database.query<Row>(
    'SELECT sequence, received_at, event FROM inbox WHERE incident_id = ? ORDER BY sequence LIMIT ?',
  )
  const consume = database.query('DELETE FROM inbox WHERE incident_id = ? AND sequence <= ?')
  const count = database.query<{ count: number }>('SELECT count(*) AS count FROM inbox')

  return {
    seen: (keys: readonly string[]) => keys.some((key) => findKey.get(key) !== undefined),
    remember: (keys: readonly string[], now: number) => {
      for (const key of keys) addKey.run(key, now)
    },
    forgetKeys: (before: number) => forgetKeys.run(before),
    append: (incidentId: string, event: string, now: number) => {
      append.run(incidentId, now, event)
    },
    read: (incidentId: string, limit: number): readonly InboxEntry[] =>
      read.all(incidentId, limit).map((row) => ({
        sequence: row.sequence,
        receivedAt: row.received_at,
        event: decodeRecord<IncidentEvent>(row.event),
      })),
    consume: (incidentId: string, upTo: number) => {
      consume.run(incidentId, upTo)
    },
    count: () => count.get()?.count ?? 0,
  }
}
