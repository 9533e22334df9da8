import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import bolt from '@slack/bolt'
import { type SlackStandIn, startSlackStandIn } from '../../../src/sandbox/slack/index.ts'
import { ada, appToken, botToken, options, signingSecret, silent } from './fixture.ts'

const { App, HTTPReceiver, SocketModeReceiver } = bolt
type BoltApp = InstanceType<typeof App>

function teach(app: BoltApp): void {
  app.command('/inc', async ({ ack, command, respond, client }) => {
    await ack({ text: `working on ${command.text}` })
    await respond({ text: 'done', response_type: 'in_channel' })
    await client.views.open({
      trigger_id: command.trigger_id,
      view: { type: 'modal', title: { type: 'plain_text', text: 'Incident' }, blocks: [] },
    })
  })
  app.action<bolt.BlockButtonAction>('approve', async ({ ack, action, body, client }) => {
    await ack()
    const { channel, message } = body
    if (!channel || !message) return
    await client.chat.update({ channel: channel.id, ts: message.ts, text: `approved ${action.value}`, blocks: [] })
  })
  app.event('app_mention', async ({ event, say }) => {
    await say({ text: `heard ${event.text}`, thread_ts: event.ts })
  })
}

/** Lives the same day in either transport: a card, a click, a command, a mention. */
async function aDay(slack: SlackStandIn, app: BoltApp): Promise<void> {
  const { ts = '' } = await app.client.chat.postMessage({
    token: botToken,
    channel: 'C0INFER',
    text: 'card',
    blocks: [
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'approve', value: 'P1', text: { type: 'plain_text', text: 'Approve' } },
        ],
      },
    ],
  })
  const click = await slack.click({ user: ada.id, channel: 'C0INFER', ts, actionId: 'approve' })
  expect([click.status, click.failure]).toEqual([200, undefined])
  await until(() => slack.messages('C0INFER')[0]?.text === 'approved P1')

  const command = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: 'status' })
  expect(command.failure).toBeUndefined()
  expect(slack.ephemerals.map(({ text }) => text)).toEqual(['working on status'])
  await until(() => slack.messages('C0INFER').some(({ text }) => text === 'done') && slack.views.length === 1)

  const mention = await slack.mention({ user: ada.id, channel: 'C0INFER', text: 'hello' })
  expect(mention.failure).toBeUndefined()
  const question = slack.messages('C0INFER').at(-1)?.ts ?? ''
  await until(() => slack.thread('C0INFER', question).length === 2)
}

describe('the real Bolt', () => {
  it('lives with the stand-in over HTTP', async () => {
    const slack = await startSlackStandIn(options())
    const receiver = new HTTPReceiver({ signingSecret, logger: silent })
    const app = new App({ token: botToken, receiver, logger: silent, clientOptions: { slackApiUrl: slack.url } })
    teach(app)
    const server = createServer((req, res) => receiver.requestListener(req, res))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    slack.requestUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`
    try {
      await aDay(slack, app)
      const forged = await slack.raw('/slack/events', '{}', {
        'content-type': 'application/json',
        'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)),
        'x-slack-signature': `v0=${'0'.repeat(64)}`,
      })
      expect(forged.status).toBe(401)
    } finally {
      server.closeAllConnections()
      server.close()
      await slack.stop()
    }
  })

  it('lives with the stand-in in Socket Mode, where a refused token stops it', async () => {
    const slack = await startSlackStandIn(options())
    const app = socketApp(slack, appToken)
    teach(app)
    try {
      await app.start()
      expect(slack.connections).toBe(1)
      await aDay(slack, app)
      await app.stop()
      await until(() => slack.connections === 0)
      await expect(socketApp(slack, 'xapp-wrong').start()).rejects.toMatchObject({ data: { error: 'invalid_auth' } })
    } finally {
      await app.stop()
      await slack.stop()
    }
  })

  it('gets no ack within 3 s from a Bolt that forgets to acknowledge', async () => {
    const slack = await startSlackStandIn(options())
    const app = socketApp(slack, appToken)
    app.command('/inc', async () => undefined)
    try {
      await app.start()
      const delivery = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      expect(delivery).toMatchObject({ transport: 'socket', status: undefined, failure: 'timeout' })
    } finally {
      await app.stop()
      await slack.stop()
    }
  })
})

function socketApp(slack: SlackStandIn, token: string): BoltApp {
  const receiver = new SocketModeReceiver({
    appToken: token,
    logger: silent,
    installerOptions: { clientOptions: { slackApiUrl: slack.url } },
  })
  return new App({ token: botToken, receiver, logger: silent, clientOptions: { slackApiUrl: slack.url } })
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 3000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it never happened')
    await pause(5)
  }
}
