import { encodeRecord } from '../record-json.ts'
import type { Arrival, Commit, Receipt, Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { Database } from './database.ts'
import { dueTable } from './due.ts'
import { deliveryTable, freezeTable } from './effects.ts'
import { groupCommit } from './group-commit.ts'
import { groupTables } from './groups.ts'
import { inboxTables } from './inbox.ts'
import { incidentTables } from './incidents.ts'
import type { Leases } from './leases.ts'
import { settingTable } from './settings.ts'

/** The store on an opened, migrated database. Calls block the event loop while SQLite works, about as long as one fsync. */
export function sqliteStore(database: Database, leases: Leases, onClose: () => void): Store {
  const inbox = inboxTables(database)
  const groups = groupTables(database)
  const incidents = incidentTables(database)
  const dueSet = dueTable(database)
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
    if (change.endsGroup && inbox.isEmpty(incident.id)) groups.end(incident.id)
    return 'committed'
  }

  function take({ incidentId, dedupKeys, frees, group }: Arrival, event: string, now: number): Receipt {
    const home = groups.homeOf(incidentId)
    if (!inbox.remember(dedupKeys, now)) return { outcome: 'duplicate', incidentId: home }
    const place = group === undefined || home !== incidentId ? home : groups.enter(incidentId, group, now)
    inbox.free(frees ?? [])
    inbox.append(place, event, now)
    dueSet.mark(`incident:${place}`, now)
    return { outcome: 'stored', incidentId: place }
  }

  return {
    async receive(arrival, now) {
      const event = encodeRecord(arrival.event)
      return write(() => take(arrival, event, now))
    },
    inbox: (incidentId, limit) => read(() => inbox.read(incidentId, limit)),

    incident: (id) => read(() => incidents.read(id)),
    incidentIds: (after, limit) => read(() => incidents.ids(after, limit)),
    openVersions: (limit) => read(() => incidents.openVersions(limit)),
    incidents: (query) => read(() => incidents.list(query)),
    async commit(change) {
      const record = encodeRecord(change.incident)
      return write(() => apply(change, record))
    },
    timeline: (incidentId) => read(() => incidents.timeline(incidentId)),
    timelineEnd: (incidentId) => read(() => incidents.timelineEnd(incidentId)),

    due: (now, limit) => read(() => dueSet.list(now, limit)),
    dueItem: (key) => read(() => dueSet.one(key)),
    nextDueAt: (now) => read(() => dueSet.nextAt(now)),
    markDue: (key, at) => write(() => dueSet.mark(key, at)),
    settle: (item) => write(() => dueSet.settle(item)),

    // Leases live as long as the process, so there is nothing to write.
    acquire: (key, owner, ttlMs, now) => read(() => leases.acquire(key, owner, ttlMs, now)),
    renew: (lease, ttlMs, now) => read(() => leases.renew(lease, ttlMs, now)),
    release: (lease) => read(() => leases.release(lease)),

    deliveries: (incidentId) => read(() => deliveries.list(incidentId)),
    saveDelivery: (delivery) => write(() => deliveries.save(delivery)),

    addFreeze: (freeze) => write(() => freezes.add(freeze)),
    liftFreeze: (id, by, now) => write(() => freezes.lift(id, by, now)),
    extendFreeze: (id, until) => write(() => freezes.extend(id, until)),
    exemptDeploy: (id, exemption) => write(() => freezes.exempt(id, exemption)),
    activeFreezes: (now, service) => read(() => freezes.active(now, service)),

    setting: (name) => read(() => settings.read(name)),
    setSetting: (name, value) => write(() => settings.save(name, value)),

    forgetKeys: (before) =>
      write(() => {
        groups.forget(before)
        return inbox.forgetKeys(before)
      }),
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
