import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Incident } from '../../src/domain/incident.ts'
import {
  aChart,
  aDiagnosis,
  aFinding,
  aFinishedInvestigation,
  anIncident,
  aRemediation,
  aService,
  CHANNEL,
} from './builders.ts'
import { slackWorld, unlimited } from './workspace.ts'

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
    const plan = { ...aRemediation().plan, button: two, summary: three, details: list }
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
      ],
      remediations: [
        aRemediation({ plan }),
        aRemediation({ id: 'rem-2', state: 'failed', plan, outcome, approval: { by: two, at: 0 }, finishedAt: 1 }),
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
          await world.settle({ incident: own, service: aService({ name: incident.title || 'x' }) }, 0)
          expect(world.log.lines.filter(({ level }) => level !== 'debug')).toEqual([])
          expect(world.slack.calls.filter(({ ok }) => !ok)).toEqual([])
        }),
        { numRuns: 60 },
      )
      const everything = world.slack.messages(CHANNEL).flatMap(({ ts }) => world.slack.thread(CHANNEL, ts))
      expect(everything.length).toBeGreaterThan(100)
      expect(everything.flatMap(({ mentions }) => mentions)).toEqual([])
      expect(everything.flatMap(({ links }) => links)).toEqual([])
    } finally {
      await world.stop()
    }
  }, 60_000)
})
