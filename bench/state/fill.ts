import { apply } from '../../src/domain/apply/index.ts'
import type { Finding } from '../../src/domain/finding.ts'
import type { Investigation } from '../../src/domain/incident.ts'
import type { PagerDutyEvent } from '../../src/domain/pagerduty-event.ts'
import type { Store } from '../../src/store/store.ts'
import { pagerDutyServiceId } from '../bot/office.ts'
import { STATE_ROUND } from './state.ts'

type Triggered = Extract<PagerDutyEvent, { kind: 'incident' }>

const AT_ONCE = 500

/** Puts so many open incidents into a store, as their first events make them and with what was found since. */
export async function fill(
  store: Store,
  { incidents, services, findings = [] }: { incidents: number; services: number; findings?: readonly Finding[] },
): Promise<void> {
  const now = Date.now()
  for (let from = 0; from < incidents; from += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, incidents - from) }, (_, index) =>
        fillOne(store, triggered(from + index, services, now), `service-${(from + index) % services}`, findings, now),
      ),
    )
}

async function fillOne(
  store: Store,
  event: Triggered,
  service: string,
  findings: readonly Finding[],
  now: number,
): Promise<void> {
  const id = `pd-${event.incident.id}`
  const context = {
    now,
    serviceByPagerDutyId: () => undefined,
    serviceByName: () => undefined,
    standing: { groups: [], facts: 'unknown', onCall: [], switchedOff: undefined } as const,
  }
  const applied = apply(undefined, id, { type: 'pagerduty', event }, context)
  const lease = await store.acquire(`incident:${id}`, 'bench', 60_000, now)
  if (applied === undefined || lease === undefined) throw new Error(`${id} could not be made`)
  const { incident, timeline } = applied
  // Found and posted long ago: what is open is not what is under way.
  const investigations = findings.length === 0 ? [] : [finished(`${id}-i1`, findings, now)]
  const settled = { ...incident, service, investigations }
  const change = { incident: settled, expectedVersion: 0, lease, consumedUpTo: 0, timeline, due: [] }
  if ((await store.commit(change)) !== 'committed') throw new Error(`${id} could not be stored`)
  await store.release(lease)
}

function finished(id: string, findings: readonly Finding[], now: number): Investigation {
  const times = { startedAt: now - 1_000, finishedAt: now }
  return { id, reason: 'opened', state: 'finished', ...times, runbook: 'bench', checks: findings.length, findings }
}

function triggered(index: number, services: number, now: number): Triggered {
  const at = new Date(now - 3_600_000).toISOString()
  return {
    kind: 'incident',
    eventId: `01FILL${index}`,
    transition: 'triggered',
    occurredAt: at,
    agent: 'Earline Greenholt',
    incident: {
      id: `Q${STATE_ROUND}N${index}`,
      number: index + 1,
      title: 'Memory of the model server is above 92 % of its limit',
      htmlUrl: `https://example.pagerduty.com/incidents/Q${STATE_ROUND}N${index}`,
      status: 'triggered',
      urgency: 'high',
      serviceId: pagerDutyServiceId(index % services),
      serviceName: `Service ${index % services} in production`,
      escalationPolicyId: 'PPOLICY',
      incidentKey: `memory-${index}`,
      createdAt: at,
      assignees: [{ id: 'PUONE', name: 'Earline Greenholt' }],
      mergedInto: undefined,
    },
  }
}
