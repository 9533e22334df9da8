import { describe, expect, it } from '@jest/globals'
import { digestOf } from '../../src/domain/digest.ts'
import { firstWatch } from '../../src/domain/pre-alert.ts'
import { startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { digestPost } from '../../src/slack/digest.ts'
import { createOutbox } from '../../src/slack/outbox.ts'
import { renderDigest } from '../../src/slack/render/digest.ts'
import { aHold } from '../fakes/hold.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { aLogger, anIncident, aPlan, aRemediation, NOW } from './builders.ts'
import { botToken, unlimited, workspaceOptions } from './workspace.ts'

const HOUR = 3_600_000
const CHANNEL = 'C0INFER'
const plan = { channel: CHANNEL, timeZone: 'Europe/Berlin' }
const HOSTILE = '<!channel> <https://evil.example|click> *bold* `code` \u202e <@U0ADA>'

const done = aRemediation({
  state: 'succeeded',
  approval: { by: 'U0ADA', at: NOW },
  finishedAt: NOW - HOUR,
  plan: aPlan({ summary: HOSTILE }),
})

function digest(incidents: Parameters<typeof digestOf>[0]['incidents']) {
  return digestOf({ since: NOW - 12 * HOUR, now: NOW, incidents, freezes: [], restarts: () => false })
}

describe('the digest in Slack', () => {
  it('says what is open, what is ahead, what holds and what was done, with times of the place', () => {
    const foreseen = { at: NOW + 9 * HOUR, earliestAt: NOW, latestAt: NOW, asOf: NOW }
    const preAlert = { ...firstWatch('watch', 'memory'), state: 'open', foreseen } as const
    const freeze = {
      id: 'f',
      service: 'checkout',
      scope: 'model',
      incidentId: 'i',
      by: 'U0ADA',
      reason: 'leak',
      since: NOW,
      until: NOW + 2 * HOUR,
    } as const
    const { text } = renderDigest(
      {
        ...digest([anIncident({ remediations: [done] }), anIncident({ id: 'w', origin: 'schedule', preAlert })]),
        blind: [anIncident({ preAlert: { ...preAlert, unknown: { since: NOW, why: 'No answer <!here>.' } } })],
        freezes: [freeze],
        restarts: [{ service: 'inference', boughtHours: [9, 6] }],
      },
      'Europe/Berlin',
    )
    expect(text).toContain('*Hand-off*, since Mon 16:42 · acted: <@U0ADA>')
    expect(text).toContain('inference: Memory of inference is high, triggered since Tue 04:42: being diagnosed')
    expect(text).toContain('since Tue 04:42: memory reaches its limit Tue 13:42')
    expect(text).toContain('inference, since Tue 04:42: No answer &lt;!here&gt;. Nothing would be foreseen.')
    expect(text).toContain('checkout (model) until Tue 06:42, by <@U0ADA>: leak')
    expect(text).toContain('succeeded, by <@U0ADA> · not measured')
    expect(text).toContain('inference: 9 h, then 6 h. A restart does not mend it.')
  })

  it('lets nothing from outside ping, link or format', () => {
    const { text, blocks } = renderDigest(digest([anIncident({ title: HOSTILE, remediations: [done] })]), 'UTC')
    for (const said of [text, JSON.stringify(blocks)]) {
      expect(said).not.toMatch(/<!channel>|<https:\/\/evil|\u202e/)
      expect(said).toContain('&lt;!channel&gt;')
    }
  })

  it('shows the first of many and counts the others, within what Slack takes', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      anIncident({ id: `pd-${index}`, title: `"${HOSTILE}" `.repeat(40), openedAt: NOW - index }),
    )
    const { text, blocks } = renderDigest(digest(many), 'UTC')
    expect(JSON.stringify(blocks)).toContain('and 292 more')
    expect(text.length).toBeLessThanOrEqual(4_000)
    expect(JSON.stringify(blocks).length).toBeLessThan(13_000)
  })

  it('is one quiet line when there is nothing to hand over', () => {
    expect(renderDigest(digest([]), 'UTC').text).toContain('all quiet since Mon 15:42')
  })

  it('stands there once, after a Slack that took it and did not answer, and after a process that died', async () => {
    const slack = await startSlackStandIn(workspaceOptions())
    try {
      const store = memoryStore()
      const real = createSlackCall({ botToken, apiUrl: slack.url })
      const process = () =>
        digestPost({
          outbox: createOutbox({
            call: (method, args, signal) => real(method, args, AbortSignal.any([signal, AbortSignal.timeout(2_000)])),
            now: Date.now,
            limits: () => unlimited,
          }),
          store,
          renderChart: async () => Buffer.from(''),
          fallbackChannel: undefined,
          now: Date.now,
          log: aLogger(),
        })
      const said = digest([anIncident()])
      slack.failNext('chat.postMessage', 'accept_then_timeout', 1)
      await expect(process()('digest-1', said, plan, aHold())).rejects.toMatchObject({ kind: 'ambiguous' })
      await process()('digest-1', said, plan, aHold())
      await process()('digest-1', said, plan, aHold())
      expect(slack.messages(CHANNEL)).toHaveLength(1)
      await process()('digest-2', said, plan, aHold())
      expect(slack.messages(CHANNEL)).toHaveLength(2)
    } finally {
      await slack.stop()
    }
  })
})
