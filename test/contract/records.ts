import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Freeze } from '../../src/domain/freeze.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { TimelineEntry } from '../../src/domain/timeline.ts'
import type { Arrival, Commit, Delivery, Lease, Store } from '../../src/store/store.ts'

/** 2026-01-13 03:42 UTC. */
export const NOW = Date.UTC(2026, 0, 13, 3, 42)

export function anEvent(clickId = 'click-1'): IncidentEvent {
  return {
    type: 'clicked',
    requestId: clickId,
    remediationId: 'rem-1',
    by: { workspace: 'T1', user: 'U1' },
    channel: 'C1',
  }
}

export function anIncident(change: Partial<Incident> = {}): Incident {
  return {
    id: 'pd-Q1',
    origin: 'pagerduty',
    title: 'Memory of inference is high',
    service: 'inference',
    status: 'triggered',
    statusAt: NOW,
    openedAt: NOW,
    mergedFrom: [],
    live: true,
    investigations: [],
    remediations: [],
    refusals: [],
    ...change,
  }
}

export function anEntry(text = 'PagerDuty opened the incident.'): TimelineEntry {
  return { at: NOW, actor: 'pagerduty', type: 'opened', text }
}

export function aCommit(lease: Lease, change: Partial<Commit> = {}): Commit {
  return { incident: anIncident(), expectedVersion: 0, lease, consumedUpTo: 0, timeline: [], due: [], ...change }
}

export function aFreeze(change: Partial<Freeze> = {}): Freeze {
  return {
    id: 'freeze-1',
    service: 'inference',
    scope: 'model',
    incidentId: 'pd-Q1',
    by: 'U1',
    reason: 'memory',
    since: NOW,
    until: NOW + 3_600_000,
    ...change,
  }
}

export function aDelivery(change: Partial<Delivery> = {}): Delivery {
  return { key: 'slack:pd-Q1:card', incidentId: 'pd-Q1', state: 'intended', updatedAt: NOW, ...change }
}

/** Takes in an event of an incident that joins no other. */
export async function arrive(
  store: Store,
  incidentId: string,
  event: IncidentEvent,
  dedupKeys: readonly string[],
  now: number,
): Promise<'stored' | 'duplicate'> {
  return (await store.receive({ incidentId, event, dedupKeys }, now)).outcome
}

/** One that joins, or leads, the group `g` for ten minutes; `id` names its event, its key and itself. */
export function aGroupedArrival(id: string, change: Partial<Arrival> = {}): Arrival {
  return {
    incidentId: `pd-${id}`,
    event: anEvent(id),
    dedupKeys: [id],
    group: { key: 'g', until: NOW + 600_000 },
    ...change,
  }
}

/** Ids of the clicks that wait in an incident's inbox, in order. */
export async function clicksIn(store: Store, incidentId: string): Promise<readonly string[]> {
  const entries = await store.inbox(incidentId, 1000)
  return entries.map(({ event }) => (event.type === 'clicked' ? event.requestId : event.type))
}
