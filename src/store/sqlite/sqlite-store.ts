import { encodeRecord } from '../record-json.ts'
import type { Commit, Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { Database } from './database.ts'
import { dueTable } from './due.ts'
import { deliveryTable, freezeTable } from './effects.ts'
import { groupCommit } from './group-commit.ts'
import { inboxTables } from './inbox.ts'
import { incidentTables } from './incidents.ts'
import { leaseTable } from './leases.ts'
import { settingTable } from './settings.ts'

/** The store on an opened, migrated database. Calls block the event loop while SQLite works, about as long as one fsync. */
export function sqliteStore(database: Database, onClose: () => void): Store {
  const inbox = inboxTables(database)
  const incidents = incidentTables(database)
  const dueSet = dueTable(database)
  const leases = leaseTable(database)
  const deliveries = deliveryTable(database)
  const freezes = freezeTable(database)
  const settings = settingTable(database)
  const writer = groupCommit(database)
  let closed = false

  const requireOpen = (): void => {
    if (closed) throw new StoreError('closed', 'The store was used after it was closed.')
  }
  const write = async <T>(apply: () => T): Promise<T> => {
    requireOpen()
    return writer.write(apply)
  }
  const read = async <T>(query: () => T): Promise<T> => {
    requireOpen()
    return query()
  }

  function apply(change: Commit, record: string): 'committed' | 'conflict' {
    const { incident, lease } = change
    if (incidents.version(incident.id) !== change.expectedVersion) return 'conflict'
    if (leases.newestFence(lease.key) !== lease.fence) return 'conflict'
    incidents.save(incident, change.expectedVersion + 1, record)
    incidents.append(incident.id, change.timeline)
    inbox.consume(incident.id, change.consumedUpTo)
    if (change.settles) dueSet.settle(change.settles)
    for (const { key, at } of change.due) dueSet.mark(key, at)
    return 'committed'
  }

  return {
    async receive(incidentId, event, dedupKeys, now) {
      const text = encodeRecord(event)
      return write(() => {
        if (inbox.seen(dedupKeys)) return 'duplicate'
        inbox.remember(dedupKeys, now)
        inbox.append(incidentId, text, now)
        dueSet.mark(`incident:${incidentId}`, now)
        return 'stored'
      })
    },
    inbox: (incidentId, limit) => read(() => inbox.read(incidentId, limit)),

    incident: (id) => read(() => incidents.read(id)),
    incidents: (query) => read(() => incidents.list(query)),
    async commit(change) {
      const record = encodeRecord(change.incident)
      return write(() => apply(change, record))
    },
    timeline: (incidentId) => read(() => incidents.timeline(incidentId)),

    due: (now, limit) => read(() => dueSet.list(now, limit)),
    dueItem: (key) => read(() => dueSet.one(key)),
    nextDueAt: (now) => read(() => dueSet.nextAt(now)),
    markDue: (key, at) => write(() => dueSet.mark(key, at)),
    settle: (item) => write(() => dueSet.settle(item)),

    acquire: (key, owner, ttlMs, now) => write(() => leases.acquire(key, owner, ttlMs, now)),
    renew: (lease, ttlMs, now) => write(() => leases.renew(lease, ttlMs, now)),
    release: (lease) => write(() => leases.release(lease)),

    deliveries: (incidentId) => read(() => deliveries.list(incidentId)),
    saveDelivery: (delivery) => write(() => deliveries.save(delivery)),

    addFreeze: (freeze) => write(() => freezes.add(freeze)),
    liftFreeze: (id, by, now) => write(() => freezes.lift(id, by, now)),
    activeFreezes: (now, service) => read(() => freezes.active(now, service)),

    setting: (name) => read(() => settings.read(name)),
    setSetting: (name, value) => write(() => settings.save(name, value)),

    forgetKeys: (before) => write(() => inbox.forgetKeys(before)),
    depth: (now) => read(() => ({ inbox: inbox.count(), due: dueSet.count(now) })),
    probe: () => write(() => settings.probe()),
    async close() {
      if (closed) return
      closed = true
      writer.flush()
      database.close()
      onClose()
    },
  }
}
