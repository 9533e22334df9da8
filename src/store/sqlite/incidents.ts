import type { Incident } from '../../domain/incident.ts'
import type { RecordedTimelineEntry, TimelineEntry } from '../../domain/timeline.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import type { IncidentQuery, Versioned } from '../store.ts'
import { type ChainEnd, chainEntries } from '../timeline-chain.ts'
import type { Database } from './database.ts'

interface TimelineRow {
  readonly sequence: number
  readonly entry: string
  readonly previous_hash: string
  readonly hash: string
}

/** Incidents and their timelines. Writing calls belong into the caller's transaction. */
export function incidentTables(database: Database) {
  const read = database.query<{ version: number; record: string }>('SELECT version, record FROM incidents WHERE id = ?')
  const version = database.query<{ version: number }>('SELECT version FROM incidents WHERE id = ?')
  const list = database.query<{ record: string }>(`
    SELECT record FROM incidents WHERE (?1 IS NULL OR open = ?1) ORDER BY opened_at DESC, id DESC LIMIT ?2`)
  const listOfService = database.query<{ record: string }>(`
    SELECT record FROM incidents WHERE service = ?3 AND (?1 IS NULL OR open = ?1)
    ORDER BY opened_at DESC, id DESC LIMIT ?2`)
  // Asked for each diagnosis: the index has the open ones only.
  const openOf = database.query<{ record: string }>(
    'SELECT record FROM incidents WHERE service = ? AND open = 1 ORDER BY opened_at DESC, id DESC LIMIT ?',
  )
  const openVersions = database.query<{ id: string; version: number }>(
    'SELECT id, version FROM incidents WHERE open = 1 ORDER BY opened_at DESC, id DESC LIMIT ?',
  )
  const ids = database.query<{ id: string }>('SELECT id FROM incidents WHERE id > ? ORDER BY id LIMIT ?')
  const save = database.query(`
    INSERT INTO incidents (id, version, service, open, opened_at, record) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, service = excluded.service, open = excluded.open,
      opened_at = excluded.opened_at, record = excluded.record`)
  const chainEnd = database.query<ChainEnd>(
    'SELECT sequence, hash FROM timeline WHERE incident_id = ? ORDER BY sequence DESC LIMIT 1',
  )
  const append = database.query(
    'INSERT INTO timeline (incident_id, sequence, entry, previous_hash, hash) VALUES (?, ?, ?, ?, ?)',
  )
  const timeline = database.query<TimelineRow>(
    'SELECT sequence, entry, previous_hash, hash FROM timeline WHERE incident_id = ? ORDER BY sequence',
  )

  return {
    read: (id: string): Versioned<Incident> | undefined => {
      const row = read.get(id)
      return row && { value: decodeRecord<Incident>(row.record), version: row.version }
    },
    /** 0 where there is none. */
    version: (id: string) => version.get(id)?.version ?? 0,
    ids: (after: string | undefined, limit: number): readonly string[] =>
      ids.all(after ?? '', limit).map(({ id }) => id),
    openVersions: (limit: number) => openVersions.all(limit).map(({ id, version }) => ({ id, version })),
    list: ({ service, open, limit }: IncidentQuery): readonly Incident[] => {
      if (service !== undefined && open === true) return decoded(openOf.all(service, limit))
      const isOpen = open === undefined ? null : Number(open)
      return decoded(service === undefined ? list.all(isOpen, limit) : listOfService.all(isOpen, limit, service))
    },
    /** `record` is the incident, encoded. */
    save: (incident: Incident, newVersion: number, record: string) => {
      const open = Number(incident.status !== 'resolved')
      save.run(incident.id, newVersion, incident.service ?? null, open, incident.openedAt, record)
    },
    append: (incidentId: string, entries: readonly TimelineEntry[]) => {
      for (const { sequence, previousHash, hash, ...entry } of chainEntries(chainEnd.get(incidentId), entries)) {
        append.run(incidentId, sequence, encodeRecord(entry), previousHash, hash)
      }
    },
    timelineEnd: (incidentId: string): ChainEnd | undefined => {
      // libsql adds a column of its own to a row that is read alone.
      const row = chainEnd.get(incidentId)
      return row && { sequence: row.sequence, hash: row.hash }
    },
    timeline: (incidentId: string): readonly RecordedTimelineEntry[] =>
      timeline.all(incidentId).map((row) => ({
        ...decodeRecord<TimelineEntry>(row.entry),
        sequence: row.sequence,
        previousHash: row.previous_hash,
        hash: row.hash,
      })),
  }
}

function decoded(rows: readonly { readonly record: string }[]): readonly Incident[] {
  return rows.map(({ record }) => decodeRecord<Incident>(record))
}
