import { describe, expect, it } from '@jest/globals'
import type { RestIncidentFacts } from '../../src/pagerduty/incident-facts.ts'
import { missedEvent } from '../../src/pagerduty/missed.ts'
import { incidentFacts } from '../builders.ts'
import { anIncident } from '../contract/records.ts'

const at = (second: number, ms = 0) => Date.UTC(2026, 0, 13, 3, 42, second, ms)
const iso = (second: number, ms = 0) => new Date(at(second, ms)).toISOString()
const told = (status: RestIncidentFacts['status'], second: number): RestIncidentFacts => ({
  ...incidentFacts({ status, createdAt: iso(1) }),
  statusAt: iso(second),
})

describe('an incident that we do not know', () => {
  it.each(['triggered', 'acknowledged'] as const)('and is %s was triggered when it was created', (status) => {
    expect(missedEvent(undefined, told(status, 9))).toMatchObject({
      kind: 'incident',
      eventId: `sweep:Q1:${iso(1)}`,
      transition: 'triggered',
      occurredAt: iso(1),
      incident: { id: 'Q1', status },
    })
  })

  it('and is over is history', () => {
    expect(missedEvent(undefined, told('resolved', 9))).toBeUndefined()
  })
})

describe('an incident that we hold', () => {
  it.each([
    ['triggered', at(5), 'triggered', 9, undefined],
    ['triggered', at(5), 'acknowledged', 9, 'acknowledged'],
    ['acknowledged', at(5), 'triggered', 9, 'unacknowledged'],
    ['triggered', at(5), 'resolved', 9, 'resolved'],
    ['acknowledged', at(5), 'resolved', 9, 'resolved'],
    ['resolved', at(5), 'triggered', 9, 'reopened'],
    ['resolved', at(5), 'acknowledged', 9, 'reopened'],
    // REST's answer is older than a webhook that came meanwhile.
    ['resolved', at(9, 500), 'triggered', 5, undefined],
    ['acknowledged', at(9, 500), 'triggered', 5, undefined],
    ['triggered', at(9, 500), 'resolved', 5, undefined],
    // REST rounds down to seconds.
    ['resolved', at(9, 500), 'triggered', 9, undefined],
    ['triggered', at(9, 500), 'resolved', 9, 'resolved'],
  ] as const)(
    'as %s since %i and that REST calls %s since second %i was %s',
    (status, statusAt, says, second, transition) => {
      const event = missedEvent(anIncident({ status, statusAt }), told(says, second))
      expect(event?.transition).toBe(transition)
    },
  )

  it('changes when REST says it did, but never before what we hold', () => {
    expect(missedEvent(anIncident({ statusAt: at(5) }), told('resolved', 9))).toMatchObject({
      eventId: `sweep:Q1:resolved:${iso(9)}`,
      occurredAt: iso(9),
    })
    expect(missedEvent(anIncident({ statusAt: at(9, 500) }), told('resolved', 9))?.occurredAt).toBe(iso(9, 500))
  })
})
