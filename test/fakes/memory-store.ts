import type { IncidentEvent } from '../../src/domain/event.ts'
import { type Freeze, holds, withExemption } from '../../src/domain/freeze.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { RecordedTimelineEntry } from '../../src/domain/timeline.ts'
import { decodeRecord, encodeRecord } from '../../src/store/record-json.ts'
import { requireTime } from '../../src/store/require-time.ts'
import type { Arrival, Commit, Delivery, DueItem, Lease, Store } from '../../src/store/store.ts'
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
  const leaders = new Map<string, { readonly incidentId: string; readonly until: number }>()
  const joined = new Map<string, { readonly leader: string; readonly at: number }>()
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
    if (version !== expectedVersion || holding(lease) === undefined) return 'conflict'
    const before = timelines.get(incident.id) ?? []
    const after = [...before, ...chainEntries(before.at(-1), copy(change.timeline))]
    incidents.set(incident.id, { value: copy(incident), version: version + 1 })
    timelines.set(incident.id, after)
    received = received.filter((one) => one.incidentId !== incident.id || one.sequence > change.consumedUpTo)
    if (change.settles) settle(change.settles)
    for (const { key, at } of change.due) mark(key, at)
    const waiting = received.some((one) => one.incidentId === incident.id)
    if (change.endsGroup && !waiting) deleteWhere(leaders, (one) => one.incidentId === incident.id)
    return 'committed'
  }

  /** The incident whose inbox an arrival belongs into. */
  function placeOf({ incidentId, group }: Arrival, now: number): string {
    const home = joined.get(incidentId)?.leader
    if (home !== undefined || group === undefined) return home ?? incidentId
    const leading = leaders.get(group.key)
    if (leading === undefined || leading.until <= now) {
      leaders.set(group.key, { incidentId, until: requireTime(group.until) })
      return incidentId
    }
    const known = incidents.has(incidentId) || received.some((one) => one.incidentId === incidentId)
    if (known || leading.incidentId === incidentId) return incidentId
    joined.set(incidentId, { leader: leading.incidentId, at: now })
    return leading.incidentId
  }

  return {
    async receive(arrival, now) {
      const { incidentId, dedupKeys, frees = [] } = arrival
      if (dedupKeys.some((key) => seen.has(key)))
        return { outcome: 'duplicate', incidentId: joined.get(incidentId)?.leader ?? incidentId }
      const event = copy(arrival.event)
      const place = placeOf(arrival, now)
      for (const key of dedupKeys) seen.set(key, now)
      for (const key of frees) seen.delete(key)
      counter += 1
      received = [...received, { incidentId: place, sequence: counter, receivedAt: now, event }]
      mark(`incident:${place}`, now)
      return { outcome: 'stored', incidentId: place }
    },
    inbox: async (incidentId, limit) =>
      received
        .filter((one) => one.incidentId === incidentId)
        .slice(0, limit)
        .map(({ sequence, receivedAt, event }) => copy({ sequence, receivedAt, event })),

    incident: async (id) => copy(incidents.get(id)),
    incidentIds: async (after, limit) =>
      [...incidents.keys()]
        .filter((id) => id > (after ?? ''))
        .sort()
        .slice(0, limit),
    openVersions: async (limit) =>
      [...incidents.values()]
        .filter(({ value }) => value.status !== 'resolved')
        .sort(({ value: left }, { value: right }) => right.openedAt - left.openedAt || (left.id < right.id ? 1 : -1))
        .slice(0, limit)
        .map(({ value: { id }, version }) => ({ id, version })),
    incidents: async ({ service, open, limit }) =>
      [...incidents.values()]
        .map(({ value }) => value)
        .filter((one) => service === undefined || one.service === service)
        .filter((one) => open === undefined || (one.status !== 'resolved') === open)
        .sort((left, right) => right.openedAt - left.openedAt || (left.id < right.id ? 1 : -1))
        .slice(0, limit)
        .map(copy),
    commit: async (change) => apply(change),
    timelineEnd: async (incidentId) => {
      const last = timelines.get(incidentId)?.at(-1)
      return last && { sequence: last.sequence, hash: last.hash }
    },
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
    async extendFreeze(id, until) {
      const freeze = freezes.get(id)
      if (freeze && freeze.liftedAt === undefined && until > freeze.until) freezes.set(id, { ...freeze, until })
      return copy(freezes.get(id))
    },
    async exemptDeploy(id, exemption) {
      const freeze = freezes.get(id)
      if (freeze) freezes.set(id, withExemption(freeze, copy(exemption)))
      return copy(freezes.get(id))
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
      deleteWhere(leaders, ({ until }) => until < before)
      deleteWhere(joined, ({ leader, at }) => at < before && incidents.get(leader)?.value.status === 'resolved')
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

function deleteWhere<T>(map: Map<string, T>, isOver: (value: T) => boolean): void {
  for (const [key, value] of map) if (isOver(value)) map.delete(key)
}
