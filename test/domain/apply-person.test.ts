import { describe, expect, it } from '@jest/globals'
import { apply } from '../../src/domain/apply/index.ts'
import type { Standing } from '../../src/domain/authorize.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { Service } from '../../src/domain/service.ts'
import { anIncident, aRemediation, aService, aStanding, NOW } from '../builders.ts'

const person = { workspace: 'T1', user: 'U0BEN' }

function click(world: {
  remediation?: Partial<Remediation>
  incident?: Partial<Incident>
  service?: Partial<Service>
  standing?: Partial<Standing>
  user?: string
}) {
  const incident = anIncident({ remediations: [aRemediation(world.remediation)], ...world.incident })
  const applied = apply(
    incident,
    incident.id,
    {
      type: 'clicked',
      requestId: 'click-1',
      remediationId: 'r-1',
      by: { ...person, user: world.user ?? 'U0ANA' },
      channel: 'C0ML',
    },
    {
      now: NOW + 1_000,
      serviceByPagerDutyId: () => undefined,
      serviceByName: () => aService(world.service),
      standing: aStanding(world.standing),
    },
  )
  if (applied === undefined) throw new Error('a click applies to an incident that exists')
  return applied
}

describe('a click on an offer', () => {
  it('by somebody on the list approves it, once', () => {
    const { incident, timeline } = click({})
    expect(incident.remediations[0]).toMatchObject({ state: 'approved', approval: { by: 'U0ANA' } })
    expect(timeline).toMatchObject([{ type: 'remediation.approved', actor: 'U0ANA' }])
  })

  it('by a member of an approver group approves it', () => {
    expect(click({ user: 'U0BEN', standing: { groups: ['S0ONCALL'] } }).incident.remediations[0]?.state).toBe(
      'approved',
    )
  })

  it('in propose mode only says what it would have done', () => {
    const { incident } = click({ service: { mode: 'propose' } })
    expect(incident.remediations[0]).toMatchObject({ state: 'rehearsed' })
    expect(incident.remediations[0]?.outcome?.text).toContain('Nothing was changed')
  })
})

describe('a freeze', () => {
  const context = (standing: Partial<Standing> = {}) => ({
    now: NOW,
    serviceByPagerDutyId: () => undefined,
    serviceByName: () => aService(),
    standing: aStanding(standing),
  })
  const request = (user: string) => ({
    type: 'freeze-requested' as const,
    requestId: 'command-1',
    service: 'inference',
    by: { workspace: 'T1', user },
    channel: 'C0ML',
    remediation: aRemediation({ id: 'f-1', kind: 'deploy-freeze' }),
  })

  it('asked for by an approver is approved in the same breath', () => {
    expect(apply(undefined, 'freeze-1', request('U0ANA'), context())?.incident.remediations[0]?.state).toBe('approved')
  })

  it('asked for by anybody else is refused by the same rules as a button', () => {
    const incident = apply(undefined, 'freeze-1', request('U0BEN'), context())?.incident
    expect(incident?.remediations[0]?.state).toBe('proposed')
    expect(incident?.refusals).toHaveLength(1)
  })

  it('is lifted before the lifting is recorded, so that a crash in between lifts it again', () => {
    const frozen = anIncident({
      remediations: [
        aRemediation({ id: 'f-1', kind: 'deploy-freeze', state: 'succeeded', effect: { frozenUntil: NOW + 1 } }),
      ],
    })
    const applied = apply(
      frozen,
      frozen.id,
      { type: 'unfreeze-requested', requestId: 'command-2', by: { workspace: 'T1', user: 'U0ANA' }, channel: 'C0ML' },
      context(),
    )
    expect(applied?.effects).toEqual([{ do: 'lift-freeze', freezeId: 'f-1', by: 'U0ANA' }])
    expect(applied?.incident.remediations[0]?.ended).toEqual({ at: NOW, by: 'U0ANA' })
  })
})
