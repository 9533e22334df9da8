import { expect, it } from '@jest/globals'
import { advance, nextChangeAt } from '../../src/domain/advance.ts'
import { anIncident, aRemediation, NOW } from '../builders.ts'

const MINUTE = 60_000

it('lets an offer expire, and says when that will be', () => {
  const incident = anIncident({ remediations: [aRemediation()] })
  expect(nextChangeAt(incident)).toBe(NOW + 15 * MINUTE)
  expect(advance(incident, NOW + 14 * MINUTE).incident).toEqual(incident)
  expect(advance(incident, NOW + 15 * MINUTE).incident.remediations[0]?.state).toBe('void')
})

it('measures a remediation once, some time after it finished', () => {
  const incident = anIncident({
    remediations: [aRemediation({ state: 'succeeded', finishedAt: NOW, verifyAfterMs: 2 * MINUTE })],
  })
  expect(nextChangeAt(incident)).toBe(NOW + 2 * MINUTE)
  const measured = advance(incident, NOW + 2 * MINUTE).incident
  expect(measured.investigations).toMatchObject([{ reason: 'verification', verifies: 'r-1', state: 'running' }])
  expect(nextChangeAt(measured)).toBeUndefined()
  expect(advance(measured, NOW + 3 * MINUTE).incident.investigations).toHaveLength(1)
})

it('ends a freeze by its own clock, and one that was lifted not again', () => {
  const freeze = aRemediation({
    kind: 'deploy-freeze',
    state: 'succeeded',
    finishedAt: NOW,
    effect: { frozenUntil: NOW + MINUTE },
  })
  const ended = advance(anIncident({ remediations: [freeze] }), NOW + MINUTE)
  expect(ended.incident.remediations[0]?.ended).toEqual({ at: NOW + MINUTE, by: 'expiry' })
  expect(ended.timeline).toMatchObject([{ type: 'freeze.ended' }])
  const lifted = anIncident({ remediations: [{ ...freeze, ended: { at: NOW, by: 'U0ANA' } }] })
  expect(nextChangeAt(lifted)).toBeUndefined()
  expect(advance(lifted, NOW + MINUTE).timeline).toEqual([])
})

it('closes a report that somebody asked for once nothing of it goes on, and leaves the closing of an incident to PagerDuty', () => {
  const done = { id: 'i1', reason: 'requested', state: 'finished', startedAt: NOW, checks: 4, findings: [] } as const
  const report = anIncident({ origin: 'command', status: 'acknowledged', investigations: [done] })
  expect(advance(report, NOW).incident.status).toBe('resolved')
  expect(advance({ ...report, origin: 'pagerduty' }, NOW).incident.status).toBe('acknowledged')
  const frozen = aRemediation({ kind: 'deploy-freeze', state: 'succeeded', effect: { frozenUntil: NOW + MINUTE } })
  expect(advance({ ...report, remediations: [frozen] }, NOW).incident.status).toBe('acknowledged')
  expect(advance({ ...report, investigations: [{ ...done, state: 'running' }] }, NOW).incident.status).toBe(
    'acknowledged',
  )
})
