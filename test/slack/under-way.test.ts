import { describe, expect, it } from '@jest/globals'
import type { EnforcementPoint } from '../../src/domain/freeze.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import { remediationLines } from '../../src/slack/render/remediation.ts'
import { aFreeze, anIncident, aRemediation, aView, NOW } from './builders.ts'

const approval = { by: 'U0ADA', at: NOW }

function linesOf(...remediations: readonly Remediation[]): readonly string[] {
  return remediationLines(aView({ incident: anIncident({ remediations }) }))
}

describe('what was decided', () => {
  const progress = {
    text: '1 of 3 pods ready, 40 s, about 80 s left',
    done: 1,
    total: 3,
    pods: [
      { name: 'inference-2', state: 'ready' },
      { name: 'inference-1', state: 'starting' },
    ],
  }

  it('shows while it is under way how far it is, pod by pod', () => {
    expect(linesOf(aRemediation({ state: 'following', approval, progress }))).toEqual([
      ':hourglass_flowing_sand: *Restart inference-prod*: `███░░░░░░░` 1 of 3 pods ready, 40 s, about 80 s left · approved by <@U0ADA> at 03:42 UTC',
      'inference-2: ready, inference-1: starting',
    ])
  })

  it('names the last dozen of many pods', () => {
    const pods = Array.from({ length: 14 }, (_, index) => ({ name: `p${index}`, state: 'ready' }))
    const [, line] = linesOf(aRemediation({ state: 'following', approval, progress: { ...progress, pods } }))
    expect(line).toMatch(/^2 before, p2: ready, .* p13: ready$/)
  })

  it.each<readonly [string, NonNullable<Remediation['halt']>, string]>([
    ['a person', { at: NOW, by: 'U0ADA', reason: 'wrong one' }, 'stopping… (<@U0ADA> at 03:42 UTC: wrong one)'],
    [
      'what is watched',
      { at: NOW, by: 'incbot', reason: '2 pods crash' },
      'stopping… (incbot at 03:42 UTC: 2 pods crash)',
    ],
  ])('says that it is being stopped, and that %s wants it', (_who, halt, expected) => {
    expect(linesOf(aRemediation({ state: 'following', approval, progress, halt }))[0]).toContain(expected)
  })

  it('says that it was halted', () => {
    const outcome = { result: 'halted', text: 'The Deployment is paused after 1 of 3 pods.' } as const
    expect(linesOf(aRemediation({ state: 'halted', approval, outcome }))[0]).toBe(
      ':octagonal_sign: *Restart inference-prod*: halted. The Deployment is paused after 1 of 3 pods. · approved by <@U0ADA> at 03:42 UTC',
    )
  })

  it('names everybody who agreed, and the reason that was typed', () => {
    const endorsements = [{ by: 'U0GRACE', at: NOW }]
    const [line] = linesOf(
      aRemediation({ state: 'approved', endorsements, approval: { ...approval, reason: 'it climbs' } }),
    )
    expect(line).toContain('starting · approved by <@U0GRACE>, <@U0ADA> at 03:42 UTC: “it climbs”')
  })

  it('is loud where the glass was broken, but not where nothing was done', () => {
    const broken = {
      ...approval,
      basis: 'break-glass',
      reason: 'users see errors',
      overrode: ['Eve froze it', 'No room.'],
    } as const
    expect(linesOf(aRemediation({ state: 'executing', approval: broken }))[1]).toBe(
      ':rotating_light: *Glass broken* by <@U0ADA>: “users see errors”. Overridden: Eve froze it. No room.',
    )
    expect(linesOf(aRemediation({ state: 'rehearsed', approval: broken }))).toHaveLength(1)
  })
})

describe('an offer that was withdrawn', () => {
  const withdrawn = (button: string, text: string) =>
    aRemediation({ state: 'void', plan: { ...aRemediation().plan, button }, outcome: { result: 'void', text } })

  it('says in one line why, together with those withdrawn for the same reason', () => {
    expect(
      linesOf(
        withdrawn('Restart a', 'A newer diagnosis replaced this offer.'),
        withdrawn('Freeze a', 'A newer diagnosis replaced this offer.'),
        withdrawn('Restart a', 'A newer diagnosis replaced this offer.'),
        withdrawn('Restart b', 'Nobody pressed it in time.'),
      ),
    ).toEqual([
      'No longer offered: Restart a, Freeze a. A newer diagnosis replaced this offer.',
      'No longer offered: Restart b. Nobody pressed it in time.',
    ])
  })

  it('is forgotten when others were withdrawn for newer reasons', () => {
    const lines = linesOf(...['one', 'two', 'three', 'four'].map((why) => withdrawn('Restart', why)))
    expect(lines.map((line) => line.split('. ').at(-1))).toEqual(['two', 'three', 'four'])
  })

  it('after it was approved is told with who had approved it', () => {
    const outcome = { result: 'void', text: 'It was called off before it began.' } as const
    expect(linesOf(aRemediation({ state: 'void', approval, outcome }))[0]).toContain(
      'called off before it began. · approved by <@U0ADA>',
    )
  })
})

describe('a freeze', () => {
  const at = NOW
  const enforced = (...points: readonly EnforcementPoint[]) => linesOf(aFreeze({ freeze: { points } }))[1]

  it('says until when it holds, and where, and how that is known', () => {
    expect(
      enforced(
        { name: 'Kubernetes admission', state: 'proved', at: NOW + 120_000 },
        { name: 'gate: registry', state: 'asked', at: NOW - 60_000 },
        { name: 'gate: ci', state: 'never-asked' },
      ),
    ).toBe(
      'Until 05:42 UTC · enforced: Kubernetes admission ✓ probed 03:44 UTC; gate: registry ✓ last asked 03:41 UTC; gate: ci: never asked ⚠',
    )
  })

  it.each<readonly [string, EnforcementPoint, string]>([
    [
      'a probe went through',
      { name: 'A', state: 'open', at, text: 'The policy is not bound.' },
      'A ✗ lets deploys through, probed 03:42 UTC (The policy is not bound)',
    ],
    ['nothing could refuse', { name: 'A', state: 'unguarded' }, 'A: not enforced ⚠'],
    ['nobody asked', { name: 'A', state: 'never-asked' }, 'A: never asked ⚠'],
    [
      'it could not be told',
      { name: 'A', state: 'unknown', at, text: 'No answer.' },
      'A ? not known, tried 03:42 UTC (No answer)',
    ],
    ['it was not tried', { name: 'A', state: 'unknown' }, 'A ? not known'],
  ])('does not call itself enforced where %s', (_what, point, expected) => {
    expect(enforced(point)).toBe(`Until 05:42 UTC · :warning: not seen to be enforced: ${expected}`)
  })

  it('says so when it is enforced nowhere, and when nobody has looked yet', () => {
    expect(enforced()).toContain(':warning: enforced nowhere that incbot knows of')
    expect(linesOf(aFreeze())[1]).toBe('Until 05:42 UTC · where it is enforced is not known yet')
  })

  it('names what may pass, with why and who said so, and what was refused, the newest first', () => {
    const freeze = {
      exemptions: [{ kind: 'label', value: 'hotfix=INC-1', reason: 'the fix', by: 'U0ADA', at }],
      blockedCount: 3,
      blocked: [
        { at, holder: 'ci' },
        { at, holder: 'registry', deploy: 'v128' },
      ],
    } as const
    expect(linesOf(aFreeze({ freeze })).slice(2)).toEqual([
      'May pass: label hotfix=INC-1 (“the fix”, <@U0ADA>)',
      '3 deploys refused: registry v128, ci, …',
    ])
  })

  it('that is about to end says when, who made it, and how to keep it', () => {
    expect(linesOf(aFreeze({ freeze: { remindedAt: NOW } })).at(-1)).toBe(
      ':bell: The freeze of inference, made by <@U0ADA>, ends at 05:42 UTC; deploys go through from then on. Press “Extend by 2 h” if it must hold longer.',
    )
  })

  it('that ended says by whom, and what it refused, and nothing of where it was enforced', () => {
    const freeze = { points: [], blockedCount: 1, blocked: [{ at, holder: 'ci' }], remindedAt: NOW }
    const lines = linesOf(aFreeze({ freeze, ended: { at: NOW, by: 'U0ADA' } }))
    expect(lines[0]).toContain('— lifted by <@U0ADA> at 03:42 UTC')
    expect(lines.slice(1)).toEqual(['1 deploy refused: ci'])
  })
})
