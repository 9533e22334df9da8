import { describe, expect, it } from '@jest/globals'
import { createSlackCall } from '../../src/slack/api.ts'
import { plan } from '../../src/slack/desired.ts'
import { type BotWorld, botWorld } from './bot-world.ts'
import { aFinishedInvestigation, anIncident, aRemediation, aView, CHANNEL } from './builders.ts'
import { botToken, until } from './workspace.ts'

const ada = { workspace: 'T0SANDBOX', user: 'U0ADA' }
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
