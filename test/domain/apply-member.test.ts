import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type AlertFacts, alertIncidentId } from '../../src/domain/alert.ts'
import type { Applied } from '../../src/domain/apply/index.ts'
import { apply } from '../../src/domain/apply/index.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { openMembers } from '../../src/domain/joined.ts'
import { anAlert } from '../alertmanager/builders.ts'
import { aService, aStanding, aWebhook, NOW } from '../builders.ts'

const FIRST = anAlert({ fingerprint: 'f0' })
const LEADER = alertIncidentId(FIRST)

function hear(incident: Incident | undefined, alert: AlertFacts, now = alert.at): Applied {
  const applied = apply(incident, LEADER, { type: 'alert', alert }, context(now))
  if (applied === undefined) throw new Error('the leader is there')
  return applied
}

function context(now: number) {
  return {
    now,
    serviceByPagerDutyId: (id: string) => (id === 'PSVC1' ? aService() : undefined),
    serviceByName: (name: string) => (name === 'inference' ? aService() : undefined),
    standing: aStanding(),
  }
}

function all(...alerts: readonly AlertFacts[]): Incident {
  const [first = FIRST, ...others] = alerts
  return others.reduce((incident, alert) => hear(incident, alert).incident, hear(undefined, first).incident)
}

const member = (id: number, change: Partial<AlertFacts> = {}) =>
  anAlert({ fingerprint: `f${id}`, title: `alert ${id}`, at: NOW + id, startsAt: NOW + id, ...change })
const over = (alert: AlertFacts, at: number): AlertFacts => ({ ...alert, status: 'resolved', at })
const finished = (incident: Incident): Incident => ({
  ...incident,
  investigations: incident.investigations.map((one) => ({ ...one, state: 'finished', finishedAt: NOW })),
})

describe('an alert', () => {
  it('opens an incident with its service and what it says, and is investigated', () => {
    const { incident, timeline } = hear(undefined, FIRST)
    expect(incident).toMatchObject({
      id: `am-f0-${NOW.toString(36)}`,
      origin: 'alertmanager',
      service: 'inference',
      status: 'triggered',
      urgency: 'high',
      live: true,
      alert: { serviceName: 'inference', details: { severity: 'critical' } },
      investigations: [{ reason: 'opened', state: 'running' }],
    })
    expect(timeline).toMatchObject([{ actor: 'alertmanager', type: 'alertmanager.firing' }])
  })

  it('changes nothing when it is repeated, and is over when it is resolved', () => {
    const opened = all(FIRST)
    expect(hear(opened, { ...FIRST, at: NOW + 9 })).toEqual({ incident: opened, timeline: [], effects: [] })
    const { incident } = hear(opened, over(FIRST, NOW + 10))
    expect(incident).toMatchObject({
      status: 'resolved',
      resolvedAt: NOW + 10,
      investigations: [{ state: 'cancelled' }],
    })
    expect(hear(incident, over(FIRST, NOW + 11)).incident).toEqual(incident)
  })

  it('is investigated again when it fires again as the same', () => {
    const again = hear(all(FIRST, over(FIRST, NOW + 1)), { ...FIRST, at: NOW + 2 }).incident
    expect(again).toMatchObject({ status: 'triggered', live: true })
    expect(again.resolvedAt).toBeUndefined()
    expect(again.investigations.map(({ reason }) => reason)).toEqual(['opened', 'reopened'])
  })

  it('is only recorded when its end is all that was heard of it', () => {
    expect(hear(undefined, over(FIRST, NOW)).incident).toMatchObject({
      status: 'resolved',
      live: false,
      investigations: [],
    })
  })

  it('waits for the incident that it has joined', () => {
    expect(apply(undefined, 'pd-Q1', { type: 'alert', alert: FIRST }, context(NOW))).toBeUndefined()
  })
})

describe('what joins an incident', () => {
  it('is counted and shown, starts no investigation, and is told in the timeline', () => {
    const { incident, timeline } = hear(all(FIRST, member(1)), member(2))
    expect(incident.joined).toMatchObject({ count: 2, first: [{ title: 'alert 1' }, { title: 'alert 2' }], last: [] })
    expect(incident.investigations).toHaveLength(1)
    expect(timeline).toMatchObject([
      { text: '“alert 2” joined: Alertmanager: firing', data: { member: alertIncidentId(member(2)) } },
    ])
  })

  it('counts once however often it is repeated', () => {
    const once = all(FIRST, member(1))
    const { incident, timeline } = hear(once, member(1, { at: NOW + 99 }))
    expect(incident).toEqual(once)
    expect(timeline).toEqual([])
  })

  it('keeps the incident open until the last of them is over, whichever ends first', () => {
    const [one, two] = [member(1), member(2)]
    const open = all(FIRST, one, two, over(FIRST, NOW + 10), over(one, NOW + 11))
    expect(open).toMatchObject({ status: 'triggered', joined: { own: { status: 'resolved' } } })
    expect(open.investigations).toMatchObject([{ state: 'running' }])
    const closed = hear(open, over(two, NOW + 12)).incident
    expect(closed).toMatchObject({ status: 'resolved', resolvedAt: NOW + 12, investigations: [{ state: 'cancelled' }] })
    const otherWay = all(FIRST, one, over(one, NOW + 11))
    expect(otherWay.status).toBe('triggered')
    expect(hear(otherWay, over(FIRST, NOW + 12)).incident.status).toBe('resolved')
  })

  it('opens an incident again that had been over, with a new diagnosis', () => {
    const late = hear(all(FIRST, over(FIRST, NOW + 5)), member(6)).incident
    expect(late).toMatchObject({ status: 'triggered', live: true, joined: { count: 1 } })
    expect(late.investigations.map(({ reason, state }) => [reason, state])).toEqual([
      ['opened', 'cancelled'],
      ['reopened', 'running'],
    ])
  })

  it('makes an incident urgent, which is worth one more diagnosis, and its end does not take that back', () => {
    const low = finished(hear(undefined, { ...FIRST, urgency: 'low' }).incident)
    const urgent = hear(low, member(1)).incident
    expect(urgent.urgency).toBe('high')
    expect(urgent.investigations.map(({ reason }) => reason)).toEqual(['opened', 'more-urgent'])
    expect(hear(urgent, member(2)).incident.investigations).toHaveLength(2)
    expect(hear(urgent, over(member(1), NOW + 9)).incident.urgency).toBe('high')
    expect(hear(finished(all(FIRST)), member(3, { urgency: 'low' })).incident).toMatchObject({
      urgency: 'high',
      investigations: [{}],
    })
  })

  it('leaves a diagnosis that runs alone when it becomes urgent', () => {
    expect(all({ ...FIRST, urgency: 'low' }, member(1)).investigations).toHaveLength(1)
  })

  it('brings its PagerDuty incident along where there is none yet', () => {
    const event = aWebhook({ incident: { id: 'Q7', title: 'page' } })
    const { incident } = apply(all(FIRST), LEADER, { type: 'pagerduty', event }, context(NOW)) ?? {}
    expect(incident).toMatchObject({
      id: LEADER,
      pagerduty: { incidentId: 'Q7' },
      joined: { first: [{ id: 'pd-Q7', title: 'page' }] },
    })
  })

  it('follows the transitions of a PagerDuty incident, and older ones do not undo later ones', () => {
    const at = (ms: number) => new Date(NOW + ms).toISOString()
    const tell = (
      incident: Incident,
      transition: 'triggered' | 'acknowledged' | 'resolved' | 'reopened',
      ms: number,
    ) => {
      const status = transition === 'reopened' ? 'triggered' : transition
      const event = aWebhook({ transition, occurredAt: at(ms), incident: { id: 'Q7', status } })
      return apply(incident, LEADER, { type: 'pagerduty', event }, context(NOW + ms))?.incident ?? incident
    }
    const joined = tell(tell(all(FIRST), 'triggered', 1), 'acknowledged', 2)
    expect(joined.joined).toMatchObject({ count: 1, first: [{ status: 'acknowledged' }] })
    const resolved = tell(joined, 'resolved', 9)
    expect(openMembers(resolved.joined ?? neverJoined())).toBe(0)
    expect(tell(resolved, 'acknowledged', 5)).toEqual(resolved)
    expect(tell(resolved, 'reopened', 10).joined).toMatchObject({ count: 1, open: ['pd-Q7'] })
  })

  it('stays small, and every one of thousands is counted', () => {
    const members = Array.from({ length: 1_200 }, (_, index) => member(index + 1))
    const storm = all(FIRST, ...members)
    expect(storm.joined).toMatchObject({ count: 1_200, open: { length: 200 }, openBeyond: 1_000 })
    expect(JSON.stringify(storm.joined).length).toBeLessThan(8_000)
    expect(storm.joined?.last.map(({ title }) => title)).toEqual(
      [1196, 1197, 1198, 1199, 1200].map((id) => `alert ${id}`),
    )
    const ends = [FIRST, ...members].map((alert, index) => over(alert, NOW + 5_000 + index))
    const almost = ends.slice(0, -1).reduce((incident, alert) => hear(incident, alert).incident, storm)
    expect(almost.status).toBe('triggered')
    expect(hear(almost, ends.at(-1) ?? FIRST).incident.status).toBe('resolved')
  })

  it('ends when all have ended, in whatever order they begin and end', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 })
    fc.assert(
      fc.property(ids, fc.array(fc.nat({ max: 100 })), (members, order) => {
        const alerts = [FIRST, ...members.map((id) => member(id))]
        let incident = all(...alerts)
        const left = alerts.map((alert, index) => ({ alert, rank: order[index] ?? 0 }))
        for (const [index, { alert }] of left.toSorted((a, b) => a.rank - b.rank).entries()) {
          expect(incident.status).toBe('triggered')
          incident = hear(incident, over(alert, NOW + 1_000 + index)).incident
        }
        expect(incident.status).toBe('resolved')
        expect(incident.joined?.count ?? 0).toBe(members.length)
      }),
    )
  })
})

function neverJoined(): never {
  throw new Error('Nothing joined')
}
