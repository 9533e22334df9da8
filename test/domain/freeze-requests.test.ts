import { describe, expect, it } from '@jest/globals'
import { advance, frozenUntil, nextChangeAt } from '../../src/domain/advance.ts'
import { apply } from '../../src/domain/apply/index.ts'
import type { Standing } from '../../src/domain/authorize.ts'
import { brokenGlass } from '../../src/domain/broken-glass.ts'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { FreezeTerms } from '../../src/domain/freeze.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Service } from '../../src/domain/service.ts'
import { anIncident, aRemediation, aService, aStanding, NOW } from '../builders.ts'

const HOUR_MS = 3_600_000
const UNTIL = NOW + HOUR_MS

function frozen(freeze?: FreezeTerms): Incident {
  return anIncident({
    remediations: [
      aRemediation({
        id: 'f-1',
        kind: 'deploy-freeze',
        state: 'succeeded',
        finishedAt: NOW - HOUR_MS,
        effect: { frozenUntil: UNTIL },
        ...(freeze && { freeze }),
      }),
    ],
  })
}

function outcomeOf(
  incident: Incident,
  event: IncidentEvent,
  { service = {}, standing = {} }: { readonly service?: Partial<Service>; readonly standing?: Partial<Standing> } = {},
) {
  const applied = apply(incident, incident.id, event, {
    now: NOW,
    serviceByName: () => aService(service),
    serviceByPagerDutyId: () => undefined,
    standing: aStanding(standing),
  })
  if (applied === undefined) throw new Error('The incident exists.')
  return { ...applied, one: applied.incident.remediations[0] }
}

const request = (user = 'U0ANA') => ({ requestId: 'q-1', by: { workspace: 'T1', user }, channel: 'C0ML' })
const extend = (user?: string): IncidentEvent => ({
  type: 'extend-requested',
  remediationId: 'f-1',
  byMs: 2 * HOUR_MS,
  ...request(user),
})
const exempt = (user?: string): IncidentEvent => ({
  type: 'exempt-requested',
  exemption: { kind: 'label', value: 'hotfix=INC-1', reason: 'the fix itself' },
  ...request(user),
})

describe('a freeze that is about to end', () => {
  it('reminds a quarter of an hour before, once, and ends at its time', () => {
    const incident = frozen()
    expect(nextChangeAt(incident)).toBe(UNTIL - 15 * 60_000)
    const reminded = advance(incident, UNTIL - 15 * 60_000)
    expect(reminded.timeline).toMatchObject([{ type: 'freeze.ending' }])
    expect(nextChangeAt(reminded.incident)).toBe(UNTIL)
    expect(advance(reminded.incident, UNTIL).timeline).toMatchObject([{ type: 'freeze.ended' }])
  })

  it('ends without a reminder when incbot was away until then', () => {
    expect(advance(frozen(), UNTIL + 1).timeline).toMatchObject([{ type: 'freeze.ended' }])
  })

  it('is extended by who may freeze, and reminds again later', () => {
    const { one, effects, incident } = outcomeOf(frozen({ remindedAt: NOW }), extend())
    expect(effects).toEqual([{ do: 'extend-freeze', freezeId: 'f-1', until: UNTIL + 2 * HOUR_MS }])
    expect(one && frozenUntil(one)).toBe(UNTIL + 2 * HOUR_MS)
    expect(nextChangeAt(incident)).toBe(UNTIL + 2 * HOUR_MS - 15 * 60_000)
  })

  it('is extended once for each reminder, however often and by whomever its button is pressed', () => {
    const first = outcomeOf(frozen({ remindedAt: NOW }), extend())
    const second = outcomeOf(first.incident, extend())
    expect(second.effects).toEqual([])
    expect(second.one).toEqual(first.one)
    expect(second.timeline).toMatchObject([{ type: 'refused', data: { code: 'already-used' } }])
  })

  it('never ends later than a week from now, however often it is extended', () => {
    const { one } = outcomeOf(frozen({ remindedAt: NOW }), {
      ...(extend() as Extract<IncidentEvent, { type: 'extend-requested' }>),
      byMs: 400 * HOUR_MS,
    })
    expect(one && frozenUntil(one)).toBe(NOW + 7 * 24 * HOUR_MS)
  })
})

describe('an exemption', () => {
  it('by who may freeze is kept with its reason, and told to whoever enforces the freeze', () => {
    const { one, effects, timeline } = outcomeOf(frozen(), exempt())
    const exemption = { kind: 'label', value: 'hotfix=INC-1', reason: 'the fix itself', by: 'U0ANA', at: NOW }
    expect(one?.freeze?.exemptions).toEqual([exemption])
    expect(effects).toEqual([{ do: 'exempt-deploy', freezeId: 'f-1', exemption }])
    expect(timeline).toMatchObject([{ type: 'freeze.exempted', data: { basis: 'listed' } }])
  })

  it('of the same deploy twice is one, with the newer reason', () => {
    const first = outcomeOf(frozen(), exempt()).incident
    expect(outcomeOf(first, exempt()).one?.freeze?.exemptions).toHaveLength(1)
  })

  it('by who may break the glass says so', () => {
    const { timeline } = outcomeOf(frozen(), exempt('U0SRE'), {
      service: { breakGlass: { users: ['U0SRE'], groups: [] } },
    })
    expect(timeline).toMatchObject([{ type: 'freeze.exempted', data: { basis: 'break-glass' } }])
  })
})

describe('lifting a freeze', () => {
  const lift = (user: string, reason?: string): IncidentEvent => ({
    type: 'unfreeze-requested',
    ...request(user),
    ...(reason !== undefined && { reason }),
  })
  const glass = { service: { breakGlass: { users: ['U0SRE'], groups: [] } } }

  it('by who may break the glass needs a reason, and is on record with it', () => {
    const refused = outcomeOf(frozen(), lift('U0SRE'), glass)
    expect(refused.timeline).toMatchObject([{ type: 'refused', data: { code: 'reason-missing' } }])
    expect(refused.effects).toEqual([])
    const { one, effects } = outcomeOf(frozen(), lift('U0SRE', 'the fix must go out'), glass)
    expect(effects).toEqual([{ do: 'lift-freeze', freezeId: 'f-1', by: 'U0SRE' }])
    expect(one && brokenGlass(one)).toMatchObject([
      { key: `f-1:${NOW}`, by: 'U0SRE', reason: 'the fix must go out', what: 'Lifted the freeze of inference' },
    ])
  })

  it('by an approver breaks nothing', () => {
    const { one } = outcomeOf(frozen(), lift('U0ANA'), glass)
    expect(one?.ended?.by).toBe('U0ANA')
    expect(one && brokenGlass(one)).toEqual([])
  })

  it('later is no matter of the glass: extending is for approvers only', () => {
    const { timeline } = outcomeOf(frozen({ remindedAt: NOW }), extend('U0SRE'), glass)
    expect(timeline).toMatchObject([{ type: 'refused', data: { code: 'not-approver' } }])
  })
})

describe('a freeze', () => {
  it.each<[string, IncidentEvent]>([
    ['extended', extend('U0BEN')],
    ['exempted from', exempt('U0BEN')],
    ['lifted', { type: 'unfreeze-requested', ...request('U0BEN') }],
  ])('is not %s by somebody who may not', (_, event) => {
    const { timeline, effects, one } = outcomeOf(frozen(), event)
    expect(timeline).toMatchObject([{ type: 'refused', data: { code: 'not-approver' } }])
    expect(effects).toEqual([])
    expect(one).toEqual(frozen().remediations[0])
  })

  it('that has ended cannot be extended', () => {
    const over = advance(frozen(), UNTIL).incident
    expect(outcomeOf(over, extend()).timeline).toMatchObject([{ type: 'refused', data: { code: 'nothing-to-do' } }])
  })

  it('that somebody else must approve waits for them', () => {
    const event: IncidentEvent = {
      type: 'freeze-requested',
      service: 'inference',
      remediation: aRemediation({ id: 'f-2', kind: 'deploy-freeze' }),
      ...request(),
    }
    const applied = apply(undefined, 'freeze-1', event, {
      now: NOW,
      serviceByName: () => aService({ approval: { 'deploy-freeze': { requesterMayApprove: false } } }),
      serviceByPagerDutyId: () => undefined,
      standing: aStanding(),
    })
    expect(applied?.incident.refusals).toEqual([])
    expect(applied?.incident.remediations).toMatchObject([{ state: 'proposed', requestedBy: 'U0ANA' }])
  })

  it('knows where it is enforced, and writes down what changed', () => {
    const points = [{ name: 'gate: ci', state: 'never-asked' as const }]
    const first = outcomeOf(frozen(), { type: 'enforcement-surveyed', freezeId: 'f-1', points })
    expect(first.timeline).toMatchObject([{ type: 'freeze.surveyed' }])
    const again = outcomeOf(first.incident, { type: 'enforcement-surveyed', freezeId: 'f-1', points })
    expect(again.timeline).toEqual([])
    expect(again.one?.freeze?.points).toEqual(points)
  })

  it('counts every deploy that it refused, and lists the newest', () => {
    const many = Array.from(
      { length: 12 },
      (_, index): IncidentEvent => ({
        type: 'deploy-blocked',
        freezeId: 'f-1',
        deploy: { at: NOW + index, holder: 'ci', deploy: `v${index}` },
      }),
    )
    const incident = many.reduce((before, event) => outcomeOf(before, event).incident, frozen())
    const terms = incident.remediations[0]?.freeze
    expect(terms?.blockedCount).toBe(12)
    expect(terms?.blocked?.map(({ deploy }) => deploy)).toEqual([
      'v2',
      'v3',
      'v4',
      'v5',
      'v6',
      'v7',
      'v8',
      'v9',
      'v10',
      'v11',
    ])
  })
})
