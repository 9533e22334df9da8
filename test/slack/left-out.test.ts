import { describe, expect, it } from '@jest/globals'
import { SlackError } from '../../src/slack/errors.ts'
import { OUTBOX_FULL, type Outbox } from '../../src/slack/outbox.ts'
import { slackProjection } from '../../src/slack/projection.ts'
import type { Delivery } from '../../src/store/store.ts'
import { aHold } from '../fakes/hold.ts'
import { aFinishedInvestigation, aLogger, anIncident, aView } from './builders.ts'

const MINUTE_MS = 60_000
const incident = anIncident({ investigations: [aFinishedInvestigation()] })

/** A Slack whose budget holds for cards, and for the thread from a certain moment on. */
function aCrowdedSlack(roomAfterMs: number) {
  const start = Date.UTC(2026, 0, 13, 4)
  let now = start
  const deliveries = new Map<string, Delivery>()
  const counted: string[] = []
  const cards: string[] = []
  const outbox: Outbox = {
    pending: 0,
    delayOf: () => 0,
    send: async ({ method, args, priority }) => {
      if (priority === 'rest' && now - start < roomAfterMs)
        throw new SlackError({ kind: 'rate-limited', method, code: OUTBOX_FULL, retryAfterMs: 5_000 })
      if (args.thread_ts === undefined && typeof args.text === 'string') cards.push(args.text)
      return { ok: true, ts: '1.1', file_id: 'F1', upload_url: 'http://files' }
    },
  }
  const projection = slackProjection({
    outbox,
    store: { saveDelivery: async (one) => void deliveries.set(one.key, one) },
    renderChart: async () => Buffer.from('a picture'),
    upload: async () => undefined,
    fallbackChannel: undefined,
    now: () => now,
    log: aLogger(),
    meter: {
      slackCall: () => undefined,
      slackQueue: () => undefined,
      slackRequest: () => undefined,
      slackDelivery: (kind, result) => counted.push(`${kind} ${result}`),
    },
  })
  return {
    cards,
    counted,
    states: () => [...deliveries.values()].map(({ key, state }) => `${key.split(':')[2]} ${state}`),
    run: (afterMs: number) => {
      now = start + afterMs
      return projection.reconcile(aView({ incident, now, deliveries: [...deliveries.values()] }), aHold())
    },
  }
}

describe('details for which Slack has no room', () => {
  it('follow when there is room again, and nothing is said about it', async () => {
    const slack = aCrowdedSlack(8 * MINUTE_MS)
    await slack.run(0)
    await slack.run(5 * MINUTE_MS)
    await slack.run(9 * MINUTE_MS)
    expect(slack.states()).toContain('details sent')
    expect(slack.counted.filter((one) => one.includes('left-out'))).toEqual([])
    expect(slack.cards.at(-1)).not.toContain('left out')
  })

  it('are left out once they are no longer worth reading, which is counted, and said on the card with what shows them', async () => {
    const slack = aCrowdedSlack(60 * MINUTE_MS)
    await slack.run(0)
    await slack.run(9 * MINUTE_MS)
    expect(slack.states()).toContain('details intended')
    await slack.run(11 * MINUTE_MS)
    expect(slack.states()).toContain('details abandoned')
    expect(slack.counted).toContain('details left-out')
    await slack.run(61 * MINUTE_MS)
    expect(slack.cards.at(-1)).toMatch(/left out of the thread.*`\/inc details`/)
  })
})
