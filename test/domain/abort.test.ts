import { describe, expect, it } from '@jest/globals'
import { apply } from '../../src/domain/apply/index.ts'
import type { Standing } from '../../src/domain/authorize.ts'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { Service } from '../../src/domain/service.ts'
import { nextSteps } from '../../src/domain/steps.ts'
import { anIncident, aRemediation, aService, aStanding, NOW } from '../builders.ts'

function outcomeOf(
  event: IncidentEvent,
  remediation: Partial<Remediation>,
  { service = {}, standing = {} }: { readonly service?: Partial<Service>; readonly standing?: Partial<Standing> } = {},
) {
  const incident = anIncident({ remediations: [aRemediation(remediation)] })
  const applied = apply(incident, incident.id, event, {
    now: NOW,
    serviceByName: () => aService(service),
    serviceByPagerDutyId: () => undefined,
    standing: aStanding(standing),
  })
  if (applied === undefined) throw new Error('The incident exists.')
  return {
    ...applied,
    one: applied.incident.remediations[0],
    steps: nextSteps(applied.incident).map((step) => step.do),
  }
}

const abort = (user = 'U0ANA'): IncidentEvent => ({
  type: 'abort-requested',
  requestId: 'abort-1',
  by: { workspace: 'T1', user },
  channel: 'C0ML',
  reason: 'latency rises',
})
const approval = { by: 'U0GIL', at: NOW - 1_000 }

describe('an abort', () => {
  it('of what has not begun leaves nothing to do', () => {
    const { one, steps } = outcomeOf(abort(), { state: 'approved', approval })
    expect(one).toMatchObject({ state: 'void', outcome: { text: expect.stringContaining('before it began') } })
    expect(steps).toEqual([])
  })

  it('of what is being started waits until it is known, and stops it then', () => {
    const { one, incident, steps } = outcomeOf(abort(), { state: 'executing', approval })
    expect(one).toMatchObject({ state: 'executing', halt: { by: 'U0ANA', reason: 'latency rises' } })
    expect(steps).toEqual(['find-out'])
    const applied = outcomeOf(
      { type: 'effect-applied', remediationId: 'r-1', effect: {} },
      incident.remediations[0] ?? {},
    )
    expect(applied.steps).toEqual(['halt'])
  })

  it('of what is under way halts it', () => {
    expect(outcomeOf(abort(), { state: 'following', approval }).steps).toEqual(['halt'])
  })

  it('works while incbot is switched off, and when the service went back to observe mode', () => {
    const { steps } = outcomeOf(
      abort(),
      { state: 'following', approval },
      { service: { mode: 'observe' }, standing: { switchedOff: 'by U0EVE' } },
    )
    expect(steps).toEqual(['halt'])
  })

  it.each<[string, Partial<Remediation>, string, string]>([
    ['by somebody who may not approve', { state: 'following', approval }, 'U0BEN', 'not-approver'],
    ['of what nobody has approved', { state: 'proposed' }, 'U0ANA', 'nothing-to-do'],
    ['of what is over', { state: 'succeeded', approval }, 'U0ANA', 'nothing-to-do'],
    [
      'of what is being stopped already',
      { state: 'following', approval, halt: { at: NOW, by: 'U0GIL', reason: 'x' } },
      'U0ANA',
      'nothing-to-do',
    ],
  ])('%s is refused with the reason', (_, remediation, user, code) => {
    const { timeline, incident } = outcomeOf(abort(user), remediation)
    expect(timeline).toMatchObject([{ type: 'refused', data: { code } }])
    expect(incident.refusals).toHaveLength(1)
  })
})

describe('what is watched and goes bad', () => {
  const bad: IncidentEvent = { type: 'halt-wanted', remediationId: 'r-1', reason: 'web-7 crash-loops' }

  it('is halted', () => {
    const { one, steps } = outcomeOf(bad, { state: 'following', approval })
    expect(one?.halt).toEqual({ at: NOW, by: 'incbot', reason: 'web-7 crash-loops' })
    expect(steps).toEqual(['halt'])
  })

  it('is not halted again, nor when it is over', () => {
    const halt = { at: NOW - 1, by: 'U0ANA', reason: 'first' }
    expect(outcomeOf(bad, { state: 'following', approval, halt }).one?.halt).toEqual(halt)
    expect(outcomeOf(bad, { state: 'succeeded', approval }).one?.halt).toBeUndefined()
  })

  it('ends as halted, with what to offer next', () => {
    const offer = aRemediation({ id: 'r-2', kind: 'rollback' })
    const { incident } = outcomeOf(
      {
        type: 'execution-finished',
        remediationId: 'r-1',
        outcome: { result: 'halted', text: 'Paused.' },
        offers: [offer],
      },
      { state: 'following', approval },
    )
    expect(incident.remediations.map(({ id, state }) => [id, state])).toEqual([
      ['r-1', 'halted'],
      ['r-2', 'proposed'],
    ])
  })
})

describe('an offer whose target was changed', () => {
  const change: IncidentEvent = { type: 'target-changed', remediationId: 'r-1', text: 'web was changed.' }

  it.each(['proposed', 'blocked'] as const)('is withdrawn while it is %s', (state) => {
    expect(outcomeOf(change, { state }).one).toMatchObject({
      state: 'void',
      outcome: { text: 'web was changed.', because: 'target-changed' },
    })
  })

  it.each(['approved', 'executing', 'following', 'succeeded'] as const)('is left alone once it is %s', (state) => {
    expect(outcomeOf(change, { state, approval }).one?.state).toBe(state)
  })
})
