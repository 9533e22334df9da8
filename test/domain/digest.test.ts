import { describe, expect, it } from '@jest/globals'
import { type Digest, digestOf, isEmpty } from '../../src/domain/digest.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { firstWatch } from '../../src/domain/pre-alert.ts'
import { anIncident, aPlan, aRemediation, NOW } from '../builders.ts'

const HOUR = 3_600_000
const approval = { by: 'U0ANA', at: NOW - HOUR }

function digest(incidents: readonly Incident[], freezes: Digest['freezes'] = []): Digest {
  return digestOf({
    since: NOW - 12 * HOUR,
    now: NOW,
    incidents,
    freezes,
    restarts: (kind) => kind === 'rolling-restart',
  })
}

const restartAt = (hoursAgo: number) =>
  aRemediation({
    id: `r-${hoursAgo}`,
    state: 'succeeded',
    approval,
    executingSince: NOW - hoursAgo * HOUR,
    finishedAt: NOW - hoursAgo * HOUR,
  })

describe('the digest', () => {
  it('is empty for what was over before, for quiet watches, and for offers that nobody took', () => {
    const watch = anIncident({
      origin: 'schedule',
      live: false,
      status: 'resolved',
      preAlert: firstWatch('a', 'memory'),
    })
    const before = anIncident({ status: 'resolved', remediations: [restartAt(13)] })
    const offered = anIncident({ status: 'resolved', remediations: [aRemediation({ state: 'void', finishedAt: NOW })] })
    expect(isEmpty(digest([watch, before, offered]))).toBe(true)
  })

  it('lists what is open, newest first, and pre-alerts apart from it', () => {
    const older = anIncident({ id: 'pd-1', openedAt: NOW - 2 * HOUR })
    const newer = anIncident({ id: 'pd-2', openedAt: NOW - HOUR })
    const ahead = anIncident({ id: 'w', origin: 'schedule', preAlert: { ...firstWatch('a', 'memory'), state: 'open' } })
    const { open, preAlerts } = digest([older, newer, ahead])
    expect([open.map(({ id }) => id), preAlerts.map(({ id }) => id)]).toEqual([['pd-2', 'pd-1'], ['w']])
  })

  it('lists what schedules watch without an answer, and not where a pre-alert says so itself', () => {
    const unknown = { since: NOW, why: 'No answer.' }
    const watch = anIncident({
      id: 'w1',
      live: false,
      status: 'resolved',
      preAlert: { ...firstWatch('a', 'm'), unknown },
    })
    const ahead = anIncident({ id: 'w2', preAlert: { ...firstWatch('a', 'm'), state: 'open', unknown } })
    const { blind, preAlerts } = digest([watch, ahead])
    expect([blind.map(({ id }) => id), preAlerts.map(({ id }) => id)]).toEqual([['w1'], ['w2']])
    expect(isEmpty(digest([watch]))).toBe(false)
  })

  it('says what was done since, by whom, and what the newest measurement made of it', () => {
    const done = aRemediation({
      state: 'succeeded',
      approval,
      endorsements: [{ by: 'U0BEN', at: NOW - 2 * HOUR }],
      finishedAt: NOW - HOUR,
    })
    const measured = (id: string, verdict: 'fixed' | 'mitigated') =>
      ({
        id,
        reason: 'verification',
        verifies: done.id,
        state: 'finished',
        startedAt: NOW,
        checks: 1,
        findings: [],
        verdict: { verdict, text: 'Measured.' },
      }) as const
    const incident = anIncident({
      status: 'resolved',
      remediations: [done],
      investigations: [measured('v1', 'fixed'), measured('v2', 'mitigated')],
    })
    const lifted = anIncident({
      id: 'freeze-1',
      origin: 'command',
      status: 'resolved',
      requestedBy: 'U0CLEO',
      openedAt: NOW - HOUR,
      remediations: [aRemediation({ id: 'f', ended: { at: NOW - HOUR, by: 'U0DAN' } })],
    })
    expect(digest([incident, lifted])).toMatchObject({
      done: [{ by: ['U0BEN', 'U0ANA'], verdict: { verdict: 'mitigated' } }],
      people: ['U0BEN', 'U0ANA', 'U0CLEO', 'U0DAN'],
    })
  })

  it.each<[string, readonly number[], readonly number[] | undefined]>([
    ['each bought less', [20, 11, 5], [9, 6]],
    ['one bought more', [20, 15, 5], undefined],
    ['there were only two', [20, 5], undefined],
    ['the first is more than a week old', [200, 11, 5], undefined],
  ])('tells of restarts where %s', (_when, hoursAgo, bought) => {
    const incident = anIncident({ status: 'resolved', remediations: hoursAgo.map(restartAt) })
    const found = digest([incident]).restarts
    expect(found).toEqual(bought === undefined ? [] : [{ service: 'inference', boughtHours: bought }])
  })

  it('keeps services apart when it counts restarts', () => {
    const elsewhere = { ...restartAt(11), plan: aPlan({ target: { service: 'checkout' } }) }
    const incident = anIncident({ status: 'resolved', remediations: [restartAt(20), elsewhere, restartAt(5)] })
    expect(digest([incident]).restarts).toEqual([])
  })
})
