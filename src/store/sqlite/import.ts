import type { RecordTarget, TransferRecord } from '../transfer/record.ts'
import type { Database } from './database.ts'
import { raiseFences } from './leases.ts'
import { explained, openAlone } from './open.ts'
import { sqliteRecords } from './read-all.ts'

/**
 * A file that takes records in, alone, in one transaction: whoever dies before its end leaves the file as it was. Throws a StoreError, `in-use` while an
 * incbot has it open.
 */
export function openSqliteTarget(file: string, ownerId: string): RecordTarget {
  const { database, release } = openAlone(file, ownerId, () => undefined)
  const put = writer(database)
  let begun = false
  let closed = false
  const tried = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explained(error, file)
    }
  }
  return {
    name: `The store ${file}`,
    records: () => sqliteRecords(database),
    async prepare() {},
    async begin() {
      tried(() => database.exec('BEGIN IMMEDIATE'))
      begun = true
    },
    write: async (records) => tried(() => records.forEach(put)),
    async finish() {
      tried(() => database.exec('COMMIT'))
      begun = false
    },
    async abandon() {
      if (begun && database.inTransaction()) database.exec('ROLLBACK')
      begun = false
    },
    async close() {
      if (closed) return
      closed = true
      database.close()
      release()
    },
  }
}

function writer(database: Database): (record: TransferRecord) => void {
  const incident = database.query(
    'INSERT INTO incidents (id, version, service, open, opened_at, record) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const entry = database.query(
    'INSERT INTO timeline (incident_id, sequence, entry, previous_hash, hash) VALUES (?, ?, ?, ?, ?)',
  )
  const event = database.query('INSERT INTO inbox (sequence, incident_id, received_at, event) VALUES (?, ?, ?, ?)')
  const seen = database.query('INSERT INTO seen_keys (key, seen_at) VALUES (?, ?)')
  const leader = database.query('INSERT INTO group_leaders (key, incident_id, until) VALUES (?, ?, ?)')
  const joined = database.query('INSERT INTO joined (incident_id, leader_id, joined_at) VALUES (?, ?, ?)')
  const due = database.query('INSERT INTO due (ticket, key, at) VALUES (?, ?, ?)')
  const delivery = database.query('INSERT INTO deliveries (key, incident_id, record) VALUES (?, ?, ?)')
  const freeze = database.query('INSERT INTO freezes (id, service, ends_at, lifted, record) VALUES (?, ?, ?, ?, ?)')
  const setting = database.query('INSERT INTO settings (name, value) VALUES (?, ?)')

  return (one) => {
    switch (one.kind) {
      case 'incident': {
        const { id, service, status, openedAt } = one.record
        incident.run(
          id,
          one.version,
          service ?? null,
          Number(status !== 'resolved'),
          openedAt,
          JSON.stringify(one.record),
        )
        break
      }
      case 'entry': {
        const { sequence, previousHash, hash, ...rest } = one.entry
        entry.run(one.incidentId, sequence, JSON.stringify(rest), previousHash, hash)
        break
      }
      case 'event':
        event.run(one.sequence, one.incidentId, one.receivedAt, JSON.stringify(one.event))
        break
      case 'seen':
        seen.run(one.key, one.at)
        break
      case 'leader':
        leader.run(one.group, one.incidentId, one.until)
        break
      case 'joined':
        joined.run(one.incidentId, one.leaderId, one.at)
        break
      case 'due':
        due.run(one.ticket, one.key, one.at)
        break
      case 'delivery':
        delivery.run(one.record.key, one.record.incidentId, JSON.stringify(one.record))
        break
      case 'freeze': {
        const { id, service, until, liftedAt } = one.record
        freeze.run(id, service, until, Number(liftedAt !== undefined), JSON.stringify(one.record))
        break
      }
      case 'setting':
        setting.run(one.name, one.value)
        break
      case 'numbers':
        raiseNumbers(database, one.last)
        raiseFences(database, one.fence)
    }
  }
}

/** Sequences and tickets go on above this one. */
function raiseNumbers(database: Database, last: number): void {
  for (const table of ['inbox', 'due']) {
    const raised = database.query('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?').run(last, table)
    if (raised === 0) database.query('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, last)
  }
}
