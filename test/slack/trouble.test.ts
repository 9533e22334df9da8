import { describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { outboxLimits } from '../../src/slack/limits.ts'
import { aHold } from '../fakes/hold.ts'
import {
  aChart,
  aFinding,
  aFinishedInvestigation,
  anIncident,
  anInvestigation,
  aRemediation,
  CHANNEL,
} from './builders.ts'
import { type SlackWorld, scopes, slackWorld, unlimited, until } from './workspace.ts'

const diagnosed: Incident = anIncident({
  investigations: [aFinishedInvestigation()],
  remediations: [aRemediation()],
})

async function inWorld(
  run: (world: SlackWorld) => Promise<void>,
  ...setting: Parameters<typeof slackWorld>
): Promise<void> {
  const world = await slackWorld(...setting)
  try {
    await run(world)
  } finally {
    await world.stop()
  }
}

const withoutHistory = scopes.filter((scope) => !scope.endsWith(':history'))
const impatient = { callMs: 150 }

describe('when Slack accepts something and never answers', () => {
  const methods = [
    'chat.postMessage',
    'chat.update',
    'files.completeUploadExternal',
    'files.getUploadURLExternal',
    'upload',
  ]

  it.each(methods)('stands there once all the same: %s', (method) =>
    inWorld(
      async ({ settle, slack, run }) => {
        await run({ incident: anIncident() })
        slack.failNext(method, 'accept_then_timeout')
        await settle({ incident: diagnosed })
        const [card, ...others] = slack.messages(CHANNEL)
        expect(others).toEqual([])
        expect(card?.text).toContain('keeps every version')
        const [details, chart, ...more] = slack.thread(CHANNEL, card?.ts ?? '').slice(1)
        expect(details?.text).toContain('What was checked')
        expect(chart?.files).toHaveLength(1)
        expect(more).toEqual([])
      },
      {},
      impatient,
    ),
  )

  it.each([4, -4])('finds its own card again with a clock that is off by %d minutes', (minutes) =>
    inWorld(
      async ({ settle, slack }) => {
        slack.failNext('chat.postMessage', 'accept_then_timeout')
        await settle({ incident: diagnosed })
        expect(slack.messages(CHANNEL)).toHaveLength(1)
      },
      {},
      { ...impatient, now: () => Date.now() + minutes * 60_000 },
    ),
  )

  it(
    'looks for the card behind two hundred other messages',
    () =>
      inWorld(
        async ({ settle, slack }) => {
          slack.failNext('chat.postMessage', 'accept_then_timeout')
          const settled = settle({ incident: anIncident() })
          await until(() => slack.messages(CHANNEL).length === 1)
          for (let n = 0; n < 250; n += 1) await slack.mention({ user: 'U0ADA', channel: CHANNEL, text: `${n}` })
          await settled
          expect(slack.messages(CHANNEL).filter(({ text }) => text.includes('Diagnosing'))).toHaveLength(1)
        },
        {},
        { callMs: 1_500 },
      ),
    20_000,
  )
})

describe('when the history cannot be read', () => {
  it('posts a card that says that it may be here twice', () =>
    inWorld(
      async ({ settle, slack }) => {
        slack.failNext('chat.postMessage', 'accept_then_timeout')
        await settle({ incident: diagnosed })
        const cards = slack.messages(CHANNEL)
        expect(cards).toHaveLength(2)
        expect(cards[1]?.text).toContain('cannot be read, so it may be here twice')
      },
      { scopes: withoutHistory },
      impatient,
    ))

  it('does not guess about the thread, and the card says that something may be missing', () =>
    inWorld(
      async ({ settle, run, slack }) => {
        await run({ incident: anIncident() })
        slack.failNext('chat.postMessage', 'accept_then_timeout')
        await settle({ incident: diagnosed })
        const [card] = slack.messages(CHANNEL)
        expect(card?.text).toContain('did not confirm a post to the thread')
        expect(
          slack.thread(CHANNEL, card?.ts ?? '').filter(({ text }) => text.includes('What was checked')),
        ).toHaveLength(1)
      },
      { scopes: withoutHistory },
      impatient,
    ))

  it('stops after two more cards', () =>
    inWorld(
      async ({ settle, slack, log }) => {
        slack.failNext('chat.postMessage', 'accept_then_timeout', 100)
        await settle({ incident: diagnosed })
        expect(slack.messages(CHANNEL)).toHaveLength(3)
        expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
      },
      { scopes: withoutHistory },
      { ...impatient, limits: unlimited },
    ))
})

describe('when Slack refuses', () => {
  it('posts once into the fallback channel, and says why there', () =>
    inWorld(async ({ settle, slack }) => {
      await settle({ incident: diagnosed, channel: 'C0SECRET' })
      const [card, ...others] = slack.messages('C0FALL')
      expect(others).toEqual([])
      expect(card?.text).toContain('refused it in <#C0SECRET> (`channel_not_found`): invite incbot there')
      expect(slack.thread('C0FALL', card?.ts ?? '')).toHaveLength(3)
    }))

  it('gives up, once and loudly, when the fallback refuses too', () =>
    inWorld(
      async ({ settle, slack, log, run }) => {
        await settle({ incident: diagnosed, channel: 'C0SECRET' })
        const calls = slack.calls.length
        expect(calls).toBe(2)
        expect(log.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(0)
        expect(await run({ incident: diagnosed, channel: 'C0SECRET' })).toBe('complete')
        expect(slack.calls).toHaveLength(calls)
      },
      {},
      { fallbackChannel: 'C0GONE' },
    ))

  it('says on the card that charts need an invitation', () =>
    inWorld(async ({ settle, slack }) => {
      await settle({ incident: diagnosed, channel: 'C0LOBBY' })
      const [card] = slack.messages('C0LOBBY')
      expect(card?.text).toContain('charts could not be posted (`not_in_channel`): invite incbot there with `/invite`')
      expect(slack.thread('C0LOBBY', card?.ts ?? '')).toHaveLength(2)
    }))

  it('waits for an administrator when the token is not accepted, and catches up', () =>
    inWorld(async ({ run, settle, slack }) => {
      slack.failNext('chat.postMessage', { status: 200, body: '{"ok":false,"error":"invalid_auth"}' })
      await expect(run({ incident: diagnosed })).rejects.toMatchObject({ kind: 'refused', code: 'invalid_auth' })
      await settle({ incident: diagnosed })
      expect(slack.messages(CHANNEL)).toHaveLength(1)
      expect(slack.calls.map(({ method }) => method)).not.toContain('conversations.history')
    }))

  it('shows the text alone when it refuses the blocks', () =>
    inWorld(async ({ settle, slack }) => {
      slack.failNext('chat.postMessage', { status: 200, body: '{"ok":false,"error":"invalid_blocks"}' })
      await settle({ incident: diagnosed })
      expect(slack.messages(CHANNEL)).toHaveLength(1)
      expect(slack.messages(CHANNEL)[0]?.text).toContain('keeps every version')
    }))
})

describe('when somebody deletes the card', () => {
  it('posts it again, once', () =>
    inWorld(async ({ settle, slack }) => {
      const alive = () => slack.messages(CHANNEL).filter(({ deleted }) => !deleted)
      await settle({ incident: anIncident() })
      slack.remove(CHANNEL, alive()[0]?.ts ?? '')
      await settle({ incident: diagnosed })
      expect(alive().map(({ text }) => text)).toEqual([expect.stringContaining('keeps every version')])
      slack.remove(CHANNEL, alive()[0]?.ts ?? '')
      await settle({ incident: { ...diagnosed, status: 'resolved', resolvedAt: Date.now() } })
      expect(alive()).toEqual([])
    }))
})

describe('when Slack is busy', () => {
  it('comes back after Retry-After and posts once', () =>
    inWorld(async ({ run, slack }) => {
      slack.failNext('chat.postMessage', { status: 429, retryAfter: 30 })
      const result = await run({ incident: diagnosed })
      expect(result).not.toBe('complete')
      expect(typeof result === 'string' ? 0 : result.againAt - Date.now()).toBeGreaterThan(29_000)
    }))

  it('never lets a progress edit that Slack does not answer hold up the diagnosis for long', () =>
    inWorld(async ({ run, slack, settle }) => {
      const running = anIncident({ investigations: [anInvestigation({ checks: 4 })] })
      await run({ incident: anIncident() })
      slack.failNext('chat.update', 'timeout')
      await run({ incident: running, progress: { investigationId: 'pd-Q1-i1', done: 1, total: 4 } })
      const began = Date.now()
      const result = await run({ incident: diagnosed })
      expect(Date.now() - began).toBeLessThan(3_000)
      expect(slack.messages(CHANNEL)[0]?.text).toContain('keeps every version')
      // The lost edit may still overtake this one, so it is made again.
      expect(result).not.toBe('complete')
      const edits = slack.messages(CHANNEL)[0]?.edited ?? 0
      await settle({ incident: diagnosed })
      expect(slack.messages(CHANNEL)[0]?.edited).toBe(edits + 1)
    }))

  it(
    'keeps eight incidents in one channel, each with one card that ends with its diagnosis, within Slack’s limits',
    () =>
      inWorld(
        async ({ settle, slack, run }) => {
          const ids = Array.from({ length: 8 }, (_, n) => `pd-Q${n}`)
          const named = (incident: Incident, id: string): Incident => ({
            ...incident,
            id,
            title: `Title of ${id}`,
            investigations: incident.investigations.map((one) => ({ ...one, id: `${id}-i1` })),
          })
          await Promise.all(ids.map((id) => settle({ incident: named(anIncident(), id) }, 200)))
          await Promise.all(ids.map((id) => settle({ incident: named(diagnosed, id) }, 200)))
          const cards = slack.messages(CHANNEL)
          expect(
            cards.map(({ text }) => text.match(/Title of (\S+)/)?.[1]).sort((a = '', b = '') => a.localeCompare(b)),
          ).toEqual(ids)
          expect(cards.every(({ text }) => text.includes('keeps every version'))).toBe(true)
          for (const card of cards) expect(slack.thread(CHANNEL, card.ts)).toHaveLength(3)
          expect(await run({ incident: named(diagnosed, 'pd-Q0') })).toBe('complete')
          const refused = slack.calls.filter(({ ok }) => !ok).length
          // Two clocks measure the limits, so one or two calls may come a moment too soon; they are repeated.
          expect(refused).toBeLessThan(4)
        },
        // Ten times as fast as Slack, so that the test is.
        { limits: { postMessagePerSecond: 10 } },
        { limits: { ...outboxLimits, channelPosts: { burst: 3, perSecond: 9.5, reserve: 0 } } },
      ),
    20_000,
  )
})

describe('what is not posted', () => {
  it('is an incident that was over before incbot heard of it', () =>
    inWorld(async ({ run, slack }) => {
      expect(await run({ incident: { ...diagnosed, live: false } })).toBe('complete')
      expect(slack.calls).toEqual([])
    }))

  it('is an incident without a channel, which is said once', () =>
    inWorld(async ({ projection, log, slack }) => {
      const view = {
        incident: diagnosed,
        service: undefined,
        channel: undefined,
        progress: undefined,
        deliveries: [],
        timelineEnd: undefined,
        now: 0,
      }
      for (const _ of [1, 2]) expect(await projection.reconcile(view, aHold())).toBe('complete')
      expect(log.lines).toHaveLength(1)
      expect(slack.calls).toEqual([])
    }))
})

describe('charts', () => {
  it('come one in each run, so that the card never waits for all of them', () =>
    inWorld(async ({ run, slack }) => {
      const charts = ['first', 'second', 'third'].map((title) => aChart({ title }))
      const incident = { ...diagnosed, investigations: [aFinishedInvestigation({ findings: [aFinding({ charts })] })] }
      const results = [await run({ incident }), await run({ incident }), await run({ incident })]
      expect(results.map((result) => (result === 'complete' ? result : 'again'))).toEqual([
        'again',
        'again',
        'complete',
      ])
      expect(slack.files.map(({ title }) => title)).toEqual(['first', 'second', 'third'])
    }))

  it('that cannot be drawn are given up, and the card says so', () =>
    inWorld(
      async ({ settle, slack }) => {
        await settle({ incident: diagnosed })
        expect(slack.messages(CHANNEL)[0]?.text).toContain('charts could not be posted (`not_drawn`)')
      },
      {},
      { renderChart: () => Promise.reject(new Error('no fonts')) },
    ))
})
