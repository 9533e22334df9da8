import type { RedisConnection } from '../../redis/connection.ts'
import { encodeRecord } from '../record-json.ts'
import { requireTime } from '../require-time.ts'
import type { Store } from '../store.ts'
import { committer } from './commit.ts'
import { dueSet } from './due.ts'
import { deliveries, freezes, settings } from './effects.ts'
import { groupReceive } from './group-receive.ts'
import { incidentReader } from './incidents.ts'
import { intake } from './intake.ts'
import type { Keys } from './keys.ts'
import { leases } from './leases.ts'

/** The store on a connection, without its beginning and end: `open.ts` has those. */
export function redisStore(redis: RedisConnection, keys: Keys): Omit<Store, 'close'> {
  const inboxes = intake(redis, keys)
  const incidents = incidentReader(redis, keys)
  const due = dueSet(redis, keys)
  const held = leases(redis, keys)
  const sent = deliveries(redis, keys)
  const frozen = freezes(redis, keys)
  const named = settings(redis, keys)
  const receive = groupReceive((incoming) => inboxes.receive(incoming))

  return {
    async receive(arrival, now) {
      if (arrival.group) requireTime(arrival.group.until)
      return receive({ arrival, text: encodeRecord(arrival.event), now: requireTime(now) })
    },
    inbox: (incidentId, limit) => inboxes.read(incidentId, limit),

    incident: (id) => incidents.read(id),
    incidentIds: (after, limit) => incidents.ids(after, limit),
    openVersions: (limit) => incidents.openVersions(limit),
    incidents: (query) => incidents.list(query),
    commit: committer(redis, keys),
    timeline: (incidentId) => incidents.timeline(incidentId),
    timelineEnd: (incidentId) => incidents.timelineEnd(incidentId),

    due: (now, limit) => due.list(now, limit),
    dueItem: (key) => due.one(key),
    nextDueAt: (now) => due.nextAt(now),
    markDue: (key, at) => due.mark(key, at),
    settle: (item) => due.settle(item),

    acquire: (key, owner, ttlMs, now) => held.acquire(key, owner, ttlMs, now),
    renew: (lease, ttlMs, now) => held.renew(lease, ttlMs, now),
    release: (lease) => held.release(lease),

    deliveries: (incidentId) => sent.list(incidentId),
    saveDelivery: (delivery) => sent.save(delivery),

    addFreeze: (freeze) => frozen.add(freeze),
    liftFreeze: (id, by, now) => frozen.lift(id, by, now),
    extendFreeze: (id, until) => frozen.extend(id, until),
    exemptDeploy: (id, exemption) => frozen.exempt(id, exemption),
    activeFreezes: (now, service) => frozen.active(now, service),

    setting: (name) => named.read(name),
    setSetting: (name, value) => named.save(name, value),

    forgetKeys: (before) => inboxes.forget(before),
    async depth(now) {
      const [inbox, dueNow] = await Promise.all([inboxes.count(), due.count(now)])
      return { inbox, due: dueNow }
    },
    probe: () => named.probe(),
  }
}
