import { describe, expect, it } from '@jest/globals'
import type { Applied, ApplyContext } from '../../src/domain/apply/index.ts'
import { apply } from '../../src/domain/apply/index.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { IncidentWebhook } from '../builders.ts'
import { anIncident, aRemediation, aService, aStanding, aWebhook, NOW } from '../builders.ts'

const HOUR = 3_600_000

function context(now = NOW): ApplyContext {
  return {
    now,
    serviceByPagerDutyId: (id) => (id === 'PSVC1' ? aService() : undefined),
    serviceByName: (name) => (name === 'inference' ? aService() : undefined),
    standing: aStanding(),
  }
}

function hear(incident: Incident | undefined, event: IncidentWebhook, now = NOW): Applied {
  const applied = apply(incident, 'pd-Q1', { type: 'pagerduty', event }, context(now))
  if (applied === undefined) throw new Error('a PagerDuty event always applies')
  return applied
}

const resolved = (at: number) =>
  aWebhook({
    eventId: 'E2',
    transition: 'resolved',
    occurredAt: new Date(at).toISOString(),
    incident: { status: 'resolved' },
  })

describe('an incident that PagerDuty tells of', () => {
  it('is opened, given its service, and investigated at once', () => {
    const { incident, timeline } = hear(undefined, aWebhook())
    expect(incident).toMatchObject({ id: 'pd-Q1', service: 'inference', status: 'triggered', live: true })
    expect(incident.investigations).toMatchObject([{ id: 'pd-Q1-i1', reason: 'opened', state: 'running' }])
    expect(timeline).toMatchObject([{ type: 'pagerduty.triggered' }])
  })

  it('is kept without a service when the catalogue does not know it, so that somebody is told', () => {
    const { incident } = hear(undefined, aWebhook({ incident: { serviceId: 'PUNKNOWN' } }))
    expect(incident.service).toBeUndefined()
    expect(incident.investigations).toHaveLength(1)
  })

  it('is recorded without any effect when it is older than PagerDuty would retry', () => {
    const { incident } = hear(undefined, aWebhook(), NOW + 50 * HOUR)
    expect(incident.live).toBe(false)
    expect(incident.investigations).toHaveLength(0)
  })

  it('that is over when we first hear of it is not investigated', () => {
    expect(hear(undefined, resolved(NOW)).incident).toMatchObject({ live: false, investigations: [] })
  })

  it('heard of through its acknowledgement first is investigated all the same', () => {
    const { incident } = hear(undefined, aWebhook({ transition: 'acknowledged', incident: { status: 'acknowledged' } }))
    expect(incident.investigations).toHaveLength(1)
  })
})

describe('a resolve', () => {
  const open = hear(undefined, aWebhook()).incident

  it('stops the checks and voids what was offered', () => {
    const offered = { ...open, remediations: [aRemediation()] }
    const { incident } = hear(offered, resolved(NOW + HOUR))
    expect(incident.status).toBe('resolved')
    expect(incident.investigations[0]?.state).toBe('cancelled')
    expect(incident.remediations[0]?.state).toBe('void')
  })

  it('leaves a remediation under way, and its measurement, alone', () => {
    const verification = {
      ...(open.investigations[0] ?? fail('no investigation')),
      id: 'pd-Q1-i2',
      reason: 'verification' as const,
    }
    const busy = { ...open, investigations: [verification], remediations: [aRemediation({ state: 'following' })] }
    const { incident } = hear(busy, resolved(NOW + HOUR))
    expect(incident.remediations[0]?.state).toBe('following')
    expect(incident.investigations[0]?.state).toBe('running')
  })

  it('told late, after a reopening that happened later, does not undo it', () => {
    const reopened = { ...open, statusAt: NOW + 2 * HOUR }
    expect(hear(reopened, resolved(NOW + HOUR)).incident.status).toBe('triggered')
  })

  it('told twice changes nothing the second time', () => {
    const once = hear(open, resolved(NOW + HOUR)).incident
    expect(hear(once, resolved(NOW + HOUR)).incident).toEqual(once)
  })

  it('followed by a reopening starts a new investigation', () => {
    const once = hear(open, resolved(NOW + HOUR)).incident
    const again = hear(
      once,
      aWebhook({ eventId: 'E3', transition: 'reopened', occurredAt: new Date(NOW + 2 * HOUR).toISOString() }),
    ).incident
    expect(again.status).toBe('triggered')
    expect(again.resolvedAt).toBeUndefined()
    expect(again.investigations.at(-1)).toMatchObject({ id: 'pd-Q1-i2', reason: 'reopened', state: 'running' })
  })
})

describe('a merge', () => {
  const merge = aWebhook({
    eventId: 'E2',
    transition: 'resolved',
    occurredAt: new Date(NOW + 1).toISOString(),
    incident: { status: 'resolved', mergedInto: 'Q2' },
  })

  it('closes the source and tells the target, under a key that makes telling it twice harmless', () => {
    const { incident, effects } = hear(hear(undefined, aWebhook()).incident, merge)
    expect(incident).toMatchObject({ status: 'resolved', mergedInto: 'pd-Q2' })
    expect(effects).toEqual([
      {
        do: 'forward',
        incidentId: 'pd-Q2',
        event: { type: 'merged-from', incidentId: 'pd-Q1' },
        key: 'merge:pd-Q1:Q2',
      },
    ])
  })

  it('is noted once on the target', () => {
    const told = apply(
      anIncident({ id: 'pd-Q2' }),
      'pd-Q2',
      { type: 'merged-from', incidentId: 'pd-Q1' },
      context(),
    )?.incident
    expect(told?.mergedFrom).toEqual(['pd-Q1'])
    expect(apply(told, 'pd-Q2', { type: 'merged-from', incidentId: 'pd-Q1' }, context())?.incident.mergedFrom).toEqual([
      'pd-Q1',
    ])
  })

  it('waits when the target is not known yet', () => {
    expect(apply(undefined, 'pd-Q2', { type: 'merged-from', incidentId: 'pd-Q1' }, context())).toBeUndefined()
  })
})

function fail(message: string): never {
  throw new Error(message)
}
