import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Incident } from '../../src/domain/incident.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { approvalDialog } from '../../src/slack/render/dialog.ts'
import { botWorld } from './bot-world.ts'
import {
  aChart,
  aDiagnosis,
  aFinding,
  aFinishedInvestigation,
  aFreeze,
  anIncident,
  aRemediation,
  aService,
  CHANNEL,
} from './builders.ts'
import { botToken, slackWorld, unlimited } from './workspace.ts'

const mean = [
  '<!channel> <!here|everyone>',
  '<@U0ADA>',
  '<!subteam^S0ONCALL>',
  '<https://evil.example|PagerDuty>',
  '&lt;!channel&gt; &amp;lt;',
  '``` ` *bold* _it_ ~gone~',
  'right \u202eto left\u202c \u2066isolated\u2069 שלום مرحبا',
  'half \ud83d of a pair \udc00',
  'nul \u0000 bell \u0007 escape \u001b[31m',
  'quote " backslash \\ line\nbreak\r\ttab',
  '👩‍👩‍👧‍👦'.repeat(50),
  '&'.repeat(10_000),
  '"'.repeat(10_000),
  '\n'.repeat(10_000),
  'x'.repeat(10_000),
  '😀'.repeat(5_000),
  '',
  ' ',
]
const text = fc.oneof(
  fc.constantFrom(...mean),
  fc.array(fc.constantFrom(...mean), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
)
const breakGlass = { users: ['U0ADA'], groups: [] }
const some = fc.array(text, { maxLength: 12 })

/** An incident in which everything that comes from outside is hostile. */
const hostile = fc
  .record({ one: text, two: text, three: text, list: some, more: some, checks: fc.integer({ min: 1, max: 45 }) })
  .map(({ one, two, three, list, more, checks }): Incident => {
    const asked = more.map((query) => ({ source: one, query, asOf: 0, tookMs: 1, warnings: list }))
    const finding = aFinding({
      title: two,
      headline: three,
      details: list,
      asked,
      charts: [aChart({ title: one, altText: two })],
    })
    const looked = more.flatMap((what) => [
      { what, verdict: 'failed' as const, text: one, fix: two, overridable: true },
      { what: two, verdict: 'unknown' as const, text: three },
    ])
    const plan = {
      ...aRemediation().plan,
      button: two,
      summary: three,
      blastRadius: one,
      details: list,
      preflight: looked,
    }
    const approval = { by: two, at: 0, reason: one, basis: 'break-glass' as const, overrode: list }
    const deploys = more.map((deploy) => ({ at: 0, holder: one, deploy }))
    const freeze = {
      points: list.map((name) => ({ name, state: 'unknown' as const, text: two })),
      exemptions: list.map((value) => ({ kind: 'deploy' as const, value, reason: three, by: one, at: 0 })),
      blockedCount: deploys.length,
      blocked: deploys,
      remindedAt: 1,
    }
    const progress = { text: one, done: 1, total: 2, pods: more.map((name) => ({ name, state: two })) }
    const outcome = { result: 'failed' as const, text: three, progress }
    return anIncident({
      title: one,
      pagerduty: { incidentId: 'Q1', url: `https://example.com/${two}`, serviceId: 'P', serviceName: two },
      mergedFrom: more,
      requestedBy: one,
      investigations: [
        aFinishedInvestigation({
          runbook: three,
          findings: Array.from({ length: checks }, (_, n) => ({
            ...finding,
            id: `${n}`,
            charts: n === 0 ? finding.charts : [],
          })),
          diagnosis: aDiagnosis({ conclusion: one, says: list, ruledOut: more, unknown: list, now: more, fix: list }),
        }),
        aFinishedInvestigation({
          id: 'pd-Q1-i2',
          reason: 'verification',
          verifies: 'rem-2',
          findings: [{ ...finding, charts: [] }],
          verdict: { verdict: 'worse', text: one },
          followUp: more,
        }),
      ],
      remediations: [
        aRemediation({ plan, approvalsNeeded: 2, approvalsBecause: one, endorsements: [{ by: two, at: 0 }] }),
        aRemediation({ id: 'rem-why', plan, reasonRequired: true }),
        aRemediation({ id: 'rem-blocked', state: 'blocked', plan }),
        aRemediation({ id: 'rem-2', state: 'failed', plan, outcome, approval, finishedAt: 1 }),
        aRemediation({ id: 'rem-3', state: 'following', plan, progress, approval }),
        aRemediation({ id: 'rem-4', state: 'following', plan, progress, halt: { at: 0, by: two, reason: one } }),
        aRemediation({ id: 'rem-5', state: 'void', plan, outcome: { ...outcome, result: 'void' } }),
        aFreeze({ plan: { ...plan, target: { service: one } }, approval, freeze }),
      ],
      refusals: [
        { id: 'r', user: 'U0ADA', channel: CHANNEL, text: list.join(' ').replaceAll('<@', '<'), at: Date.now() },
      ],
    })
  })

describe('text from outside', () => {
  it('can neither ping nor link, and Slack accepts whatever it is made into', async () => {
    const world = await slackWorld(
      {
        limits: {
          postMessageBurst: 1e6,
          workspacePostsPerMinute: 1e6,
          tierPerMinute: { 1: 1e6, 2: 1e6, 3: 1e6, 4: 1e6 },
        },
      },
      { limits: unlimited },
    )
    let n = 0
    try {
      await fc.assert(
        fc.asyncProperty(hostile, async (incident) => {
          n += 1
          const { pagerduty, ...rest } = incident
          const own = { ...rest, id: `pd-${n}`, ...(pagerduty && { pagerduty: { ...pagerduty, url: 'ftp://no' } }) }
          await world.settle({ incident: own, service: aService({ name: incident.title || 'x', breakGlass }) }, 0)
          expect(world.log.lines.filter(({ level }) => level !== 'debug')).toEqual([])
          expect(world.slack.calls.filter(({ ok }) => !ok)).toEqual([])
        }),
        { numRuns: 60 },
      )
      const everything = world.slack.messages(CHANNEL).flatMap(({ ts }) => world.slack.thread(CHANNEL, ts))
      expect(everything.length).toBeGreaterThan(100)
      // Approvers come from the configuration, and are asked when one of several has agreed.
      const configured = aService().approvers.users.map((user) => `<@${user}>`)
      const pinged = everything.flatMap(({ mentions }) => mentions).filter((one) => !configured.includes(one))
      expect(pinged).toEqual([])
      expect(everything.flatMap(({ links }) => links)).toEqual([])
    } finally {
      await world.stop()
    }
  }, 60_000)
})

describe('a dialog about text from outside', () => {
  it('is one that Slack opens, without a ping or a link, whatever it is about', async () => {
    const world = await botWorld('socket', { slack: { limits: { tierPerMinute: { 1: 1e6, 2: 1e6, 3: 1e6, 4: 1e6 } } } })
    const call = createSlackCall({ botToken, apiUrl: world.slack.url })
    const triggerId = async (): Promise<string> =>
      (await world.slack.command({ user: 'U0ADA', channel: CHANNEL, command: '/inc', text: 'help' })).triggerId ?? ''
    try {
      await fc.assert(
        fc.asyncProperty(hostile, fc.boolean(), async ({ id, remediations }, breakGlass) => {
          const [remediation = aRemediation()] = remediations
          const view = approvalDialog({ incidentId: id, remediation, channel: CHANNEL, breakGlass })
          await call('views.open', { trigger_id: await triggerId(), view }, AbortSignal.timeout(2_000))
          expect(JSON.stringify(view)).not.toMatch(/<[!@#]|<https?:/)
        }),
        { numRuns: 60 },
      )
    } finally {
      await world.stop()
    }
  }, 60_000)
})
