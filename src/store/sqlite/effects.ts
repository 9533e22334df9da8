import { type Exemption, type Freeze, holds, withExemption } from '../../domain/freeze.ts'
import { extendedFreeze, liftedFreeze } from '../freeze-changes.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import type { Delivery } from '../store.ts'
import type { Database } from './database.ts'

interface Row {
  readonly record: string
}

/** Intents to send. */
export function deliveryTable(database: Database) {
  const list = database.query<Row>('SELECT record FROM deliveries WHERE incident_id = ? ORDER BY key')
  const save = database.query('INSERT OR REPLACE INTO deliveries (key, incident_id, record) VALUES (?, ?, ?)')

  return {
    list: (incidentId: string): readonly Delivery[] =>
      list.all(incidentId).map((row) => decodeRecord<Delivery>(row.record)),
    save: (delivery: Delivery) => {
      save.run(delivery.key, delivery.incidentId, encodeRecord(delivery))
    },
  }
}

/** Freezes. Writing calls belong into the caller's transaction. */
export function freezeTable(database: Database) {
  const read = database.query<Row>('SELECT record FROM freezes WHERE id = ?')
  const save = database.query(
    'INSERT OR REPLACE INTO freezes (id, service, ends_at, lifted, record) VALUES (?, ?, ?, ?, ?)',
  )
  const active = database.query<Row>(`
    SELECT record FROM freezes WHERE lifted = 0 AND ends_at > ?1 AND (?2 IS NULL OR service = ?2)`)

  const find = (id: string): Freeze | undefined => {
    const row = read.get(id)
    return row && decodeRecord<Freeze>(row.record)
  }
  const put = (freeze: Freeze): Freeze => {
    const lifted = Number(freeze.liftedAt !== undefined)
    save.run(freeze.id, freeze.service, freeze.until, lifted, encodeRecord(freeze))
    return freeze
  }
  return {
    add: (freeze: Freeze): Freeze => find(freeze.id) ?? put(freeze),
    lift: (id: string, by: string, now: number): Freeze | undefined => {
      const freeze = find(id)
      return freeze && put(liftedFreeze(freeze, by, now))
    },
    extend: (id: string, until: number): Freeze | undefined => {
      const freeze = find(id)
      return freeze && put(extendedFreeze(freeze, until))
    },
    exempt: (id: string, exemption: Exemption): Freeze | undefined => {
      const freeze = find(id)
      return freeze && put(withExemption(freeze, exemption))
    },
    active: (now: number, service: string | undefined): readonly Freeze[] =>
      active
        .all(now, service ?? null)
        .map((row) => decodeRecord<Freeze>(row.record))
        .filter((freeze) => holds(freeze, now))
        .sort((left, right) => left.since - right.since),
  }
}
