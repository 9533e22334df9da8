import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { parseDuration } from '../../src/config/quantities.ts'
import { type SlackStandIn, startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { createSlackCall } from '../../src/slack/api.ts'
import { createSlackBot, type SlackBot } from '../../src/slack/bot.ts'
import { createGroups } from '../../src/slack/groups.ts'
import { type Asked, fakeCommands } from './bot-world.ts'
import { aCatalogue, aLogger, aService, CHANNEL } from './builders.ts'
import { botToken, appToken as goodToken, until, workspaceOptions } from './workspace.ts'

async function connecting(
  run: (world: { slack: SlackStandIn; bot: SlackBot; asked: Asked[] }) => Promise<void>,
  appToken = goodToken,
): Promise<void> {
  const slack = await startSlackStandIn(workspaceOptions())
  const asked: Asked[] = []
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => {
    unhandled.push(reason)
  }
  process.on('unhandledRejection', onUnhandled)
  const log = aLogger()
  const call = createSlackCall({ botToken, apiUrl: slack.url })
  const bot = createSlackBot({
    call,
    groupsOf: createGroups({ call, now: Date.now, log }),
    cardDelayMs: () => 0,
    config: { botToken, appToken, apiUrl: slack.url, command: '/inc' },
    incidentOf: async () => undefined,
    commands: fakeCommands(asked),
    catalogue: () => aCatalogue(aService()),
    admins: { users: [], groups: [] },
    switchOff: async () => undefined,
    switchOn: async () => undefined,
    parseDuration,
    log,
    now: Date.now,
  })
  try {
    await run({ slack, bot, asked })
  } finally {
    await bot.stop()
    await slack.stop()
    await pause(20)
    process.off('unhandledRejection', onUnhandled)
  }
  expect(unhandled).toEqual([])
}

const command = { user: 'U0ADA', channel: CHANNEL, command: '/inc', text: 'diagnose inference' } as const

describe('a Socket Mode connection', () => {
  it('is back at once when Slack renews it', () =>
    connecting(async ({ slack, bot, asked }) => {
      await bot.start()
      const opened = () => slack.calls.filter(({ method }) => method === 'apps.connections.open').length
      slack.refreshConnections()
      await until(() => opened() === 2 && slack.connections === 1 && bot.isConnected?.() === true, 2_000)
      expect((await slack.command(command)).failure).toBeUndefined()
      expect(asked).toHaveLength(1)
    }))

  it(
    'comes back although Slack cannot be asked for a new one at first',
    () =>
      connecting(async ({ slack, bot }) => {
        await bot.start()
        slack.failNext('apps.connections.open', { status: 500 }, 2)
        slack.failNext('apps.connections.open', 'reset')
        slack.refreshConnections()
        await until(() => bot.isConnected?.() === false)
        await until(() => bot.isConnected?.() === true, 5_000)
        expect((await slack.command(command)).failure).toBeUndefined()
      }),
    10_000,
  )

  it(
    'does not keep incbot from starting while Slack is out of reach',
    () =>
      connecting(async ({ slack, bot }) => {
        slack.failNext('apps.connections.open', 'reset', 2)
        await bot.start()
        expect(bot.isConnected?.()).toBe(false)
        await until(() => bot.isConnected?.() === true, 5_000)
      }),
    10_000,
  )

  it('is refused for good with a token that Slack does not accept', () =>
    connecting(async ({ bot }) => {
      await expect(bot.start()).rejects.toMatchObject({ kind: 'refused', code: 'invalid_auth' })
    }, 'xapp-wrong'))

  it('ends soon, and stays ended', () =>
    connecting(async ({ slack, bot }) => {
      await bot.start()
      const began = Date.now()
      await bot.stop()
      expect(Date.now() - began).toBeLessThan(2_500)
      await pause(100)
      expect([slack.connections, bot.isConnected?.()]).toEqual([0, false])
    }))
})
