import type { IncidentEvent } from '../../src/domain/event.ts'
import { type Freeze, holds } from '../../src/domain/freeze.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { RecordedTimelineEntry } from '../../src/domain/timeline.ts'
import { decodeRecord, encodeRecord } from '../../src/store/record-json.ts'
import { requireTime } from '../../src/store/require-time.ts'
import type { Commit, Delivery, DueItem, Lease, Store } from '../../src/store/store.ts'
import { chainEntries } from '../../src/store/timeline-chain.ts'

interface Received {
  readonly incidentId: string
  readonly sequence: number
  readonly receivedAt: number
  readonly event: IncidentEvent
}

/** What goes in and what comes out are copies, as with a real store. */
const copy = <T>(value: T): T => (value === undefined ? value : decodeRecord<T>(encodeRecord(value)))

/** A store in memory: for tests that need one and not its durability, and the model that real stores are compared with. */
export function memoryStore(): Store {
  const seen = new Map<string, number>()
  const incidents = new Map<string, { readonly value: Incident; readonly version: number }>()
  const timelines = new Map<string, readonly RecordedTimelineEntry[]>()
  const dueItems = new Map<string, DueItem>()
  const leases = new Map<string, Lease & { readonly held: boolean }>()
  const deliveries = new Map<string, Delivery>()
  const freezes = new Map<string, Freeze>()
  const settings = new Map<string, string>()
  let received: readonly Received[] = []
  let counter = 0

  const mark = (key: string, at: number): void => {
    counter += 1
    dueItems.set(key, { key, at: Math.min(requireTime(at), dueItems.get(key)?.at ?? at), ticket: counter })
  }
  const settle = ({ key, ticket }: DueItem): void => {
    if (dueItems.get(key)?.ticket === ticket) dueItems.delete(key)
  }
  const holding = ({ key, fence }: Lease) => {
    const current = leases.get(key)
    return current?.held && current.fence === fence ? current : undefined
  }
  const byTime = (left: DueItem, right: DueItem): number => left.at - right.at || left.ticket - right.ticket

  function apply({ incident, expectedVersion, lease, ...change }: Commit): 'committed' | 'conflict' {
    const version = incidents.get(incident.id)?.version ?? 0
    if (version !== expectedVersion || leases.get(lease.key)?.fence !== lease.fence) return 'conflict'
    const before = timelines.get(incident.id) ?? []
    const after = [...before, ...chainEntries(before.at(-1), copy(change.timeline))]
    incidents.set(incident.id, { value: copy(incident), version: version + 1 })
    timelines.set(incident.id, after)
    received = received.filter((one) => one.incidentId !== incident.id || one.sequence > change.consumedUpTo)
    if (change.settles) settle(change.settles)
    for (const { key, at } of change.due) mark(key, at)
    return 'committed'
  }

  return {
    async receive(incidentId, event, dedupKeys, now) {
      if (dedupKeys.some((key) => seen.has(key))) return 'duplicate'
      const stored = copy(event)
      for (const key of dedupKeys) seen.set(key, now)
      counter += 1
      received = [...received, { incidentId, sequence: counter, receivedAt: now, event: stored }]
      mark(`incident:${incidentId}`, now)
      return 'stored'
    },
    inbox: async (incidentId, limit) =>
      received
        .filter((one) => one.incidentId === incidentId)
        .slice(0, limit)
        .map(({ sequence, receivedAt, event }) => copy({ sequence, receivedAt, event })),

    incident: async (id) => copy(incidents.get(id)),
    incidents: async ({ service, open, limit }) =>
      [...incidents.values()]
        .map(({ value }) => value)
        .filter((one) => service === undefined || one.service === service)
        .filter((one) => open === undefined || (one.status !== 'resolved') === open)
        .sort((left, right) => right.openedAt - left.openedAt || (left.id < right.id ? 1 : -1))
        .slice(0, limit)
        .map(copy),
    commit: async (change) => apply(change),
    timeline: async (incidentId) => copy(timelines.get(incidentId) ?? []),

    due: async (now, limit) =>
      [...dueItems.values()]
        .filter((item) => item.at <= now)
        .sort(byTime)
        .slice(0, limit),
    dueItem: async (key) => dueItems.get(key),
    nextDueAt: async (now) => [...dueItems.values()].filter((item) => item.at > now).sort(byTime)[0]?.at,
    markDue: async (key, at) => mark(key, at),
    settle: async (item) => settle(item),

    async acquire(key, owner, ttlMs, now) {
      const current = leases.get(key)
      if (current?.held && current.owner !== owner && now < current.expiresAt) return undefined
      const lease = { key, owner, fence: (current?.fence ?? 0) + 1, expiresAt: requireTime(now + ttlMs) }
      leases.set(key, { ...lease, held: true })
      return lease
    },
    async renew(lease, ttlMs, now) {
      const current = holding(lease)
      if (!current || current.expiresAt <= now) return undefined
      const renewed = { ...lease, expiresAt: requireTime(now + ttlMs) }
      leases.set(lease.key, { ...renewed, held: true })
      return renewed
    },
    async release(lease) {
      const current = holding(lease)
      if (current) leases.set(lease.key, { ...current, held: false })
    },

    deliveries: async (incidentId) => [...deliveries.values()].filter((one) => one.incidentId === incidentId).map(copy),
    saveDelivery: async (delivery) => {
      deliveries.set(delivery.key, copy(delivery))
    },

    async addFreeze(freeze) {
      const stored = freezes.get(freeze.id) ?? copy(freeze)
      freezes.set(freeze.id, stored)
      return copy(stored)
    },
    async liftFreeze(id, by, now) {
      const freeze = freezes.get(id)
      if (!freeze || freeze.liftedAt !== undefined) return copy(freeze)
      const lifted = { ...freeze, liftedAt: now, liftedBy: by }
      freezes.set(id, lifted)
      return copy(lifted)
    },
    activeFreezes: async (now, service) =>
      [...freezes.values()]
        .filter((one) => holds(one, now) && (service === undefined || one.service === service))
        .map(copy),

    setting: async (name) => settings.get(name),
    setSetting: async (name, value) => {
      if (value === undefined) settings.delete(name)
      else settings.set(name, value)
    },

    async forgetKeys(before) {
      const old = [...seen].filter(([, at]) => at < before)
      for (const [key] of old) seen.delete(key)
      return old.length
    },
    depth: async (now) => ({
      inbox: received.length,
      due: [...dueItems.values()].filter((item) => item.at <= now).length,
    }),
    probe: async () => undefined,
    close: async () => undefined,
  }
}
