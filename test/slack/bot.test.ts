import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { signature } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { plan } from '../../src/slack/desired.ts'
import { type BotWorld, botWorld } from './bot-world.ts'
import { aFinishedInvestigation, anIncident, aRemediation, aView, CHANNEL } from './builders.ts'
import { botToken, signingSecret, until } from './workspace.ts'

const ada = { workspace: 'T0SANDBOX', user: 'U0ADA', name: 'x' }
const at = { user: 'U0ADA', channel: CHANNEL } as const

async function inWorld(
  run: (world: BotWorld) => Promise<void>,
  ...setting: Parameters<typeof botWorld>
): Promise<void> {
  const world = await botWorld(...setting)
  try {
    await run(world)
  } finally {
    await world.stop()
  }
}

/** The real card, posted by the real client. */
async function postCard({ slack }: BotWorld): Promise<string> {
  const incident = anIncident({ investigations: [aFinishedInvestigation()], remediations: [aRemediation()] })
  const { text, blocks } = plan(aView({ incident })).card.content
  const call = createSlackCall({ botToken, apiUrl: slack.url })
  const { ts } = await call('chat.postMessage', { channel: CHANNEL, text, blocks }, AbortSignal.timeout(2_000))
  return String(ts)
}

describe.each(['http', 'socket'] as const)('the Slack bot over %s', (transport) => {
  it('records a command before it says that it was started', () =>
    inWorld(async ({ slack, asked }) => {
      const delivery = await slack.command({ ...at, command: '/inc', text: 'diagnose inference' })
      expect(delivery.failure).toBeUndefined()
      expect(delivery.body).toContain('Diagnosing *inference*')
      expect(asked).toEqual([['diagnose', 'inference', ada, CHANNEL, expect.stringMatching(/^[0-9a-f]{32}$/)]])
      expect(slack.ephemerals.map(({ user }) => user)).toEqual(['U0ADA'])
    }, transport))

  it('records a click on a real card', () =>
    inWorld(async (world) => {
      const ts = await postCard(world)
      const delivery = await world.slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
      expect([delivery.status, delivery.failure]).toEqual([200, undefined])
      expect(world.asked).toEqual([['click', 'pd-Q1', 'rem-1', ada, CHANNEL, expect.any(String)]])
    }, transport))

  it('answers a mention like a command', () =>
    inWorld(async ({ slack, asked }) => {
      const delivery = await slack.mention({ ...at, text: 'diagnose inference' })
      expect(delivery.failure).toBeUndefined()
      await until(() => slack.ephemerals.length === 1)
      expect(asked).toHaveLength(1)
      expect(slack.ephemerals[0]?.text).toContain('Diagnosing *inference*')
    }, transport))
})

describe('an answer to Slack', () => {
  it(
    'comes within three seconds when the store takes longer, says so, and the rest follows',
    () =>
      inWorld(
        async ({ slack }) => {
          const delivery = await slack.command({ ...at, command: '/inc', text: 'diagnose inference' })
          expect(delivery.failure).toBeUndefined()
          expect(delivery.ackMs).toBeLessThan(2_900)
          expect(delivery.body).toContain('not recorded yet')
          await until(() => slack.ephemerals.length === 2, 3_000)
          expect(slack.ephemerals[1]?.text).toContain('Diagnosing *inference*')
        },
        'http',
        {
          commands: {
            diagnose: async () => {
              await pause(3_200)
              return { incidentId: 'report-1' }
            },
          },
        },
      ),
    10_000,
  )

  const broken = async (): Promise<never> => {
    throw new Error('disk full')
  }

  it('says that nothing was started when the store fails', () =>
    inWorld(
      async (world) => {
        const { slack } = world
        const command = await slack.command({ ...at, command: '/inc', text: 'diagnose inference' })
        expect([command.status, command.body]).toEqual([200, expect.stringContaining('nothing was started')])
        expect(command.body).not.toContain('disk full')
        const ts = await postCard(world)
        const click = await slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
        expect(click.failure).toBeUndefined()
        await until(() => slack.ephemerals.some(({ text }) => text.includes('could not record this click')))
      },
      'http',
      { commands: { diagnose: broken, click: broken } },
    ))

  it('tells whoever clicked why it cannot be', () =>
    inWorld(
      async (world) => {
        const ts = await postCard(world)
        await world.slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.slack.ephemerals).toMatchObject([{ user: 'U0ADA', text: 'incbot no longer knows it.' }])
      },
      'http',
      { commands: { click: async () => ({ problem: 'incbot no longer knows it.' }) } },
    ))

  it('tells whoever clicked when the card will say so, where it cannot soon', () =>
    inWorld(
      async (world) => {
        const ts = await postCard(world)
        await world.slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
        await until(() => world.slack.ephemerals.length === 1)
        expect(world.asked).toHaveLength(1)
        expect(world.slack.ephemerals).toMatchObject([
          { user: 'U0ADA', text: expect.stringMatching(/has recorded your press.*in about 42 s\.$/) },
        ])
      },
      'http',
      { cardDelayMs: 41_200 },
    ))

  it('goes to nobody of another workspace', () =>
    inWorld(
      async (world) => {
        const command = await world.slack.command({ ...at, command: '/inc', text: 'diagnose inference' })
        expect(command.body).toContain('another Slack workspace')
        const ts = await postCard(world)
        await world.slack.click({ ...at, ts, actionId: 'remediate:rem-1', value: 'pd-Q1|rem-1' })
        await until(() => world.slack.ephemerals.length === 2)
        expect(world.asked).toEqual([])
      },
      'http',
      { workspace: 'T0OTHER' },
    ))

  it('answers a mention once, although Slack repeats the event', () =>
    inWorld(async ({ slack, asked }) => {
      await slack.mention({ ...at, text: 'diagnose inference' })
      const first = slack.deliveries.find(({ kind }) => kind === 'event')
      await until(() => slack.ephemerals.length === 1)
      const { body } = first?.request ?? { body: '' }
      // Signed anew, as Slack does when it repeats an event.
      const seconds = Math.floor(Date.now() / 1000) + 1
      const again = await slack.raw('/slack/events', body, {
        'content-type': 'application/json',
        'x-slack-request-timestamp': String(seconds),
        'x-slack-signature': signature(signingSecret, seconds, body),
        'x-slack-retry-num': '1',
      })
      expect(again.status).toBe(200)
      await pause(50)
      expect(asked).toHaveLength(1)
      expect(slack.ephemerals).toHaveLength(1)
    }, 'http'))
})

describe('membership in user groups', () => {
  const grace = { workspace: 'T0SANDBOX', user: 'U0GRACE' }
  const signal = (): AbortSignal => AbortSignal.timeout(3_000)

  it('is asked of Slack once a minute', () => {
    let now = 1_000
    return inWorld(
      async ({ groupsOf, slack }) => {
        const asked = () => slack.calls.filter(({ method }) => method === 'usergroups.users.list').length
        expect(await groupsOf(grace, ['S0ONCALL'], signal())).toEqual(['S0ONCALL'])
        expect(await groupsOf({ ...grace, user: 'U0ADA' }, ['S0ONCALL'], signal())).toEqual([])
        expect(asked()).toBe(1)
        now += 61_000
        await groupsOf(grace, ['S0ONCALL'], signal())
        expect(asked()).toBe(2)
      },
      'socket',
      { now: () => now },
    )
  })

  it('is unknown when Slack does not say, but not for whoever is in a group that it names', () =>
    inWorld(async ({ groupsOf }) => {
      expect(await groupsOf(grace, ['S0GONE'], signal())).toBe('unknown')
      expect(await groupsOf(grace, ['S0GONE', 'S0ONCALL'], signal())).toEqual(['S0ONCALL'])
      expect(await groupsOf(grace, ['S0ONCALL'], AbortSignal.abort())).toBe('unknown')
    }, 'socket'))
})
