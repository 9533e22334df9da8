import type { TimelineEntry } from '../../domain/timeline.ts'
import type { TransferRecord } from '../transfer/record.ts'
import type { Database } from './database.ts'
import { highestFence } from './leases.ts'

interface EntryRow {
  readonly sequence: number
  readonly entry: string
  readonly previous_hash: string
  readonly hash: string
}

/** Text that the store wrote itself, with what JSON made of it; the caller names the type that was written. */
const stored = <T>(text: string): T => JSON.parse(text) as T

/** Everything that the file keeps, in the order of every store: by bytes, as SQLite compares texts. */
export async function* sqliteRecords(database: Database): AsyncGenerator<TransferRecord, void, undefined> {
  const each = <Row>(sql: string) => database.query<Row>(sql).each()
  const timeline = database.query<EntryRow>(
    'SELECT sequence, entry, previous_hash, hash FROM timeline WHERE incident_id = ? ORDER BY sequence',
  )
  for (const { id, version, record } of each<{ id: string; version: number; record: string }>(
    'SELECT id, version, record FROM incidents ORDER BY id',
  )) {
    yield { kind: 'incident', version, record: stored(record) }
    for (const { sequence, entry, previous_hash: previousHash, hash } of timeline.all(id))
      yield {
        kind: 'entry',
        incidentId: id,
        entry: { ...stored<TimelineEntry>(entry), sequence, previousHash, hash },
      }
  }
  for (const row of each<{ incident_id: string; sequence: number; received_at: number; event: string }>(
    'SELECT incident_id, sequence, received_at, event FROM inbox ORDER BY incident_id, sequence',
  ))
    yield {
      kind: 'event',
      incidentId: row.incident_id,
      sequence: row.sequence,
      receivedAt: row.received_at,
      event: stored(row.event),
    }
  for (const { key, at } of each<{ key: string; at: number }>(
    'SELECT key, seen_at AS at FROM seen_keys ORDER BY seen_at, key',
  ))
    yield { kind: 'seen', key, at }
  for (const row of each<{ key: string; incident_id: string; until: number }>(
    'SELECT key, incident_id, until FROM group_leaders ORDER BY until, key',
  ))
    yield { kind: 'leader', group: row.key, incidentId: row.incident_id, until: row.until }
  for (const row of each<{ incident_id: string; leader_id: string; joined_at: number }>(
    'SELECT incident_id, leader_id, joined_at FROM joined ORDER BY joined_at, incident_id',
  ))
    yield { kind: 'joined', incidentId: row.incident_id, leaderId: row.leader_id, at: row.joined_at }
  for (const { key, at, ticket } of each<{ key: string; at: number; ticket: number }>(
    'SELECT key, at, ticket FROM due ORDER BY at, key',
  ))
    yield { kind: 'due', key, at, ticket }
  for (const { record } of each<{ record: string }>('SELECT record FROM deliveries ORDER BY incident_id, key'))
    yield { kind: 'delivery', record: stored(record) }
  for (const { record } of each<{ record: string }>('SELECT record FROM freezes ORDER BY id'))
    yield { kind: 'freeze', record: stored(record) }
  for (const { name, value } of each<{ name: string; value: string }>('SELECT name, value FROM settings ORDER BY name'))
    yield { kind: 'setting', name, value }
  const [numbers] = database
    .query<{ last: number | null }>("SELECT max(seq) AS last FROM sqlite_sequence WHERE name IN ('inbox', 'due')")
    .all()
  yield { kind: 'numbers', last: numbers?.last ?? 0, fence: highestFence(database) }
}
