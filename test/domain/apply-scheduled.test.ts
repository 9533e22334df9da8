import { expect, it } from '@jest/globals'
import { type ApplyContext, apply } from '../../src/domain/apply/index.ts'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Prediction } from '../../src/domain/pre-alert.ts'
import { aFinding, aService, aStanding, NOW } from '../builders.ts'

const HOUR = 3_600_000
const ID = 'watch-memory~inference~1'

const contextAt = (now: number): ApplyContext => ({
  now,
  serviceByName: () => aService(),
  serviceByPagerDutyId: () => aService(),
  standing: aStanding(),
})

function after(incident: Incident | undefined, event: IncidentEvent, now = NOW): Incident {
  const applied = apply(incident, ID, event, contextAt(now))
  if (applied === undefined) throw new Error('not applied')
  return applied.incident
}

const turn = (schedule: string, slot = NOW): IncidentEvent => ({
  type: 'check-scheduled',
  schedule,
  service: 'inference',
  runbook: 'memory',
  slot,
})

function finished(incident: Incident, prediction: Prediction, now = NOW): Incident {
  const investigationId = incident.investigations.find(({ state }) => state === 'running')?.id ?? ''
  const findings = [aFinding({ severity: 'medium' })]
  return after(incident, { type: 'investigation-finished', investigationId, findings, prediction, proposals: [] }, now)
}

const soon = (now: number): Prediction => ({
  is: 'limit',
  at: now + 3 * HOUR,
  earliestAt: now + 2.5 * HOUR,
  latestAt: now + 4 * HOUR,
  asOf: now,
})

it('runs for each of two schedules whose turn is at the same moment, one after the other', () => {
  const first = finished(after(undefined, turn('a')), { is: 'no-limit' })
  const second = after(first, turn('b'))
  expect(second.investigations.filter(({ state }) => state === 'running')).toHaveLength(1)
  expect(new Set(second.investigations.map(({ id }) => id)).size).toBe(2)
})

it('runs once for a turn that is told again', () => {
  const first = finished(after(undefined, turn('a')), { is: 'no-limit' })
  expect(after(first, turn('a'))).toEqual(first)
})

it('does not grow with runs that have no news', () => {
  let watch = finished(after(undefined, turn('a')), soon(NOW))
  for (let run = 1; run <= 50; run += 1) {
    const now = NOW + run * 60_000
    watch = finished(after(watch, turn('a', now), now), soon(now), now)
  }
  expect(watch.preAlert?.state).toBe('open')
  // The one that opened it, and the newest.
  expect(watch.investigations).toHaveLength(2)
})

it('takes a verification into account when it numbers the next one', () => {
  const watch = finished(after(undefined, turn('a')), soon(NOW))
  const measured: Incident = {
    ...watch,
    investigations: [
      ...watch.investigations,
      { id: `${ID}-i7`, reason: 'verification', state: 'finished', startedAt: NOW, checks: 1, findings: [] },
    ],
  }
  const again = after(measured, {
    type: 'diagnose-requested',
    service: 'inference',
    by: { workspace: 'T1', user: 'U1' },
    channel: 'C1',
  })
  expect(again.investigations.at(-1)?.id).toBe(`${ID}-i8`)
})
