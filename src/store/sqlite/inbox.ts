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
  const addKey = database.query('INSERT OR IGNORE INTO seen_keys (key, seen_at) VALUES (?, ?)')
  const removeKey = database.query('DELETE FROM seen_keys WHERE key = ?')
  const forgetKeys = database.query('DELETE FROM seen_keys WHERE seen_at < ?')
  const append = database.query('INSERT INTO inbox (incident_id, received_at, event) VALUES (?, ?, ?)')
  const read = database.query<Row>(
    'SELECT sequence, received_at, event FROM inbox WHERE incident_id = ? ORDER BY sequence LIMIT ?',
  )
  const consume = database.query('DELETE FROM inbox WHERE incident_id = ? AND sequence <= ?')
  const first = database.query('SELECT 1 FROM inbox WHERE incident_id = ? LIMIT 1')
  const count = database.query<{ count: number }>('SELECT count(*) AS count FROM inbox')

  return {
    /** Remembers all keys; false, and none is remembered anew, when any of them was seen before. */
    remember: (keys: readonly string[], now: number): boolean => {
      const different = [...new Set(keys)]
      const known = different.findIndex((key) => addKey.run(key, now) === 0)
      for (const key of different.slice(0, Math.max(0, known))) removeKey.run(key)
      return known < 0
    },
    free: (keys: readonly string[]) => {
      for (const key of keys) removeKey.run(key)
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
    isEmpty: (incidentId: string) => first.get(incidentId) === undefined,
    count: () => count.get()?.count ?? 0,
  }
}
