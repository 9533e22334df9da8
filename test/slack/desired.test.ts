import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { View } from '../../src/pipeline/ports.ts'
import { plan } from '../../src/slack/desired.ts'
import type { Delivery } from '../../src/store/store.ts'
import {
  aFinding,
  aFinishedInvestigation,
  aFreeze,
  anIncident,
  anInvestigation,
  aRemediation,
  aView,
  NOW,
} from './builders.ts'

const approval = { by: 'U0ADA', at: NOW }
const broken = {
  ...approval,
  basis: 'break-glass',
  reason: 'users see errors',
  overrode: ['Eve froze it.', 'There is no room.'],
} as const
const diagnosed: Incident = anIncident({ investigations: [aFinishedInvestigation()] })

/** Names of everything in the thread, in order. */
function inThread(incident: Incident): readonly string[] {
  const { posts, charts } = plan(aView({ incident }))
  return [...posts, ...charts].map(({ key }) => key.replace('slack:pd-Q1:', ''))
}

function cardText(change: Partial<View>): string {
  return plan(aView(change)).card.content.text
}

function abandoned(name: string, why: string): Delivery {
  return {
    key: `slack:pd-Q1:${name}`,
    incidentId: 'pd-Q1',
    state: 'abandoned',
    note: JSON.stringify({ why }),
    updatedAt: NOW,
  }
}

describe('what should stand in the thread', () => {
  const cases: readonly (readonly [string, Incident, readonly string[]])[] = [
    ['nothing before there is anything to say', anIncident(), []],
    ['the details and charts of an investigation', diagnosed, ['details:pd-Q1-i1', 'chart:pd-Q1-i1:1']],
    [
      'nothing of an investigation that had nothing to check',
      anIncident({ investigations: [aFinishedInvestigation({ findings: [], nothing: 'no runbook' })] }),
      [],
    ],
    [
      'nothing of an investigation that was cancelled',
      anIncident({ investigations: [anInvestigation({ state: 'cancelled', findings: [aFinding()] })] }),
      [],
    ],
    [
      'every investigation, verifications under their own name, in the order in which they ended',
      anIncident({
        investigations: [
          aFinishedInvestigation({ findings: [aFinding({ charts: [] })] }),
          aFinishedInvestigation({
            id: 'pd-Q1-i2',
            reason: 'verification',
            finishedAt: NOW + 9_000,
            findings: [aFinding({ charts: [] })],
          }),
        ],
        remediations: [aRemediation({ state: 'succeeded', approval, finishedAt: NOW + 5_000 })],
      }),
      ['details:pd-Q1-i1', 'outcome:rem-1', 'verification:pd-Q1-i2'],
    ],
    ['no remediation that is open', { ...anIncident(), remediations: [aRemediation()] }, []],
    ['no remediation that is under way', { ...anIncident(), remediations: [aRemediation({ state: 'following' })] }, []],
    ['no offer that ran out', { ...anIncident(), remediations: [aRemediation({ state: 'void' })] }, []],
    [
      'a remediation that came to nothing after it was approved',
      { ...anIncident(), remediations: [aRemediation({ state: 'void', approval })] },
      ['outcome:rem-1'],
    ],
    [
      'a rehearsal',
      { ...anIncident(), remediations: [aRemediation({ state: 'rehearsed', approval })] },
      ['outcome:rem-1'],
    ],
    [
      'a remediation of which nobody knows, so that it can still be told when somebody does',
      { ...anIncident(), remediations: [aRemediation({ state: 'unknown', approval })] },
      ['outcome:rem-1:unknown'],
    ],
    [
      'a remediation that was halted',
      { ...anIncident(), remediations: [aRemediation({ state: 'halted', approval })] },
      ['outcome:rem-1'],
    ],
    [
      'a broken glass at once, in a post of its own',
      { ...anIncident(), remediations: [aRemediation({ state: 'approved', approval: broken })] },
      ['glass:rem-1'],
    ],
    [
      'no broken glass where nothing was done',
      { ...anIncident(), remediations: [aRemediation({ state: 'rehearsed', approval: broken })] },
      ['outcome:rem-1'],
    ],
    [
      'each reminder that a freeze is about to end, once',
      { ...anIncident(), remediations: [aFreeze({ freeze: { remindedAt: NOW + 60_000 } })] },
      ['outcome:freeze-1', `ending:freeze-1:${NOW + 60_000}`],
    ],
    [
      'no reminder of a freeze that has ended meanwhile, but that it has',
      {
        ...anIncident(),
        remediations: [aFreeze({ freeze: { remindedAt: NOW + 1 }, ended: { at: NOW + 2, by: 'U0ADA' } })],
      },
      ['outcome:freeze-1', 'ended:freeze-1'],
    ],
  ]

  it.each(cases)('is %s', (_name, incident, expected) => {
    expect(inThread(incident)).toEqual(expected)
  })

  it('names who broke the glass, what for, why, and everything that was gone over', () => {
    const incident = anIncident({ remediations: [aRemediation({ state: 'approved', approval: broken })] })
    expect(plan(aView({ incident })).posts[0]?.content.text).toBe(
      [
        ':rotating_light: *<@U0ADA> broke the glass* at 03:42 UTC',
        'For: Restart StatefulSet inference-prod (3 pods, one at a time).',
        'Reason: “users see errors”',
        'Overridden:\n• Eve froze it.\n• There is no room.',
      ].join('\n'),
    )
  })

  it('asks for the next person when one of several has agreed, and no longer once all have', () => {
    const offer = aRemediation({ approvalsNeeded: 2, endorsements: [approval] })
    const incident = anIncident({ remediations: [offer] })
    const posts = plan(aView({ incident })).posts
    expect(posts.map(({ key }) => key)).toEqual([`slack:pd-Q1:endorsed:${offer.id}:1`])
    expect(posts[0]?.content.text).toContain('1 of 2 approved by <@U0ADA>')
    expect(posts[0]?.content.text).toMatch(/1 more must agree .* Who may: <@U/)
    const done = anIncident({ remediations: [{ ...offer, state: 'approved', approval }] })
    expect(inThread(done)).toEqual([])
  })

  it('says of a freeze that is about to end when, and what can be done', () => {
    const incident = anIncident({ remediations: [aFreeze({ freeze: { remindedAt: NOW } })] })
    expect(plan(aView({ incident })).posts.at(-1)?.content.text).toContain(
      'ends at 05:42 UTC; deploys go through from then on. Whoever may freeze can extend it with the button on the card',
    )
  })
})

describe('the card', () => {
  it('is progress only while checks run and the incident is open', () => {
    const running = anIncident({ investigations: [anInvestigation({ checks: 4 })] })
    const again = anIncident({ investigations: [aFinishedInvestigation(), anInvestigation({ id: 'pd-Q1-i2' })] })
    const isProgress = (incident: Incident) => plan(aView({ incident })).card.isProgress
    expect([running, { ...running, status: 'resolved' as const }, diagnosed, again].map(isProgress)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('goes before other cards while somebody waits for what it says, and by urgency otherwise', () => {
    const now = NOW
    const priority = (incident: Partial<Incident>) =>
      plan(aView({ now, incident: { ...diagnosed, ...incident } })).card.priority
    const moved = (change: Partial<Remediation>) =>
      priority({ remediations: [{ ...aRemediation({ state: 'following' }), ...change }] })
    expect(priority({ urgency: 'high' })).toEqual({ post: 'urgent-card', edit: 'urgent-edit' })
    expect(priority({ urgency: 'low' })).toEqual({ post: 'card', edit: 'rest' })
    expect(priority({ origin: 'command' }).post).toBe('person')
    expect(moved({ approval: { ...approval, at: now - 60_000 } }).edit).toBe('person')
    expect(moved({ approval: { ...approval, at: now - 600_000 } }).edit).not.toBe('person')
    expect(moved({ finishedAt: now - 1_000 }).edit).toBe('person')
  })

  it('says where the incident went when it was merged, and what came in', () => {
    expect(cardText({ incident: { ...diagnosed, mergedInto: 'pd-Q7' } })).toContain('merged into Q7')
    expect(cardText({ incident: { ...diagnosed, mergedFrom: ['pd-Q2', 'pd-Q3'] } })).toContain(
      'with Q2, Q3 merged into it',
    )
  })

  it('says how far the checks have come', () => {
    const incident = anIncident({ investigations: [anInvestigation({ checks: 4 })] })
    const progress = { investigationId: 'pd-Q1-i1', done: 2, total: 4 }
    expect(cardText({ incident, progress })).toContain('4 checks running, 2 answered')
  })

  const doubts: readonly (readonly [string, readonly Delivery[], string])[] = [
    [
      'a copy that may be there twice',
      [{ ...abandoned('card', ''), state: 'intended', note: '{"copies":1}' }],
      'so it may be here twice',
    ],
    ['posts that nobody can look for', [abandoned('details:pd-Q1-i1', 'unconfirmed')], 'did not confirm a post'],
    [
      'several of them',
      [abandoned('details:pd-Q1-i1', 'unconfirmed'), abandoned('chart:pd-Q1-i1:1', 'unconfirmed')],
      'did not confirm 2 posts',
    ],
    [
      'posts that were refused',
      [abandoned('outcome:rem-1', 'is_archived')],
      'could not be posted to the thread (`is_archived`)',
    ],
    [
      'charts that need a scope',
      [abandoned('chart:pd-Q1-i1:1', 'missing_scope')],
      'charts could not be posted (`missing_scope`): reinstall the app',
    ],
  ]

  it.each(doubts)('admits what Slack kept from it: %s', (_name, deliveries, expected) => {
    expect(cardText({ incident: diagnosed, deliveries })).toContain(expected)
    expect(cardText({ incident: diagnosed })).not.toContain(':warning:')
  })

  it('is not disturbed by a note that nobody can read', () => {
    const note = { ...abandoned('card', ''), state: 'sent' as const, note: 'not JSON' }
    expect(cardText({ incident: diagnosed, deliveries: [note] })).toBe(cardText({ incident: diagnosed }))
  })
})

describe('a refusal', () => {
  const refusal = { id: 'click-1', user: 'U0GRACE', channel: 'C1', at: NOW }

  it('is told to whoever gave the order, approvers by name, everything else as text', () => {
    const text = 'You may not: <@U0ADA>, <!subteam^S0ONCALL> may, <!channel> not; see `/inc help`.'
    const [told] = plan(aView({ incident: { ...diagnosed, refusals: [{ ...refusal, text }] } })).refusals
    expect(told).toMatchObject({ key: 'slack:pd-Q1:refusal:click-1', user: 'U0GRACE', channel: 'C1' })
    expect(told?.content.text).toBe(
      ':no_entry: You may not: <@U0ADA>, <!subteam^S0ONCALL> may, &lt;!channel&gt; not; see `/inc help`.',
    )
  })

  it('is not told a quarter of an hour later', () => {
    const incident = { ...diagnosed, refusals: [{ ...refusal, text: 'No.' }] }
    expect(plan(aView({ incident, now: NOW + 16 * 60_000 })).refusals).toEqual([])
  })
})
