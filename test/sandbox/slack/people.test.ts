import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { type SlackUser, signature } from '../../../src/sandbox/slack/index.ts'
import { aBot, ada, allScopes, grace, outcome, signingSecret, withSlack } from './fixture.ts'

const buttons = (...ids: readonly string[]) => [
  {
    type: 'actions',
    block_id: 'remedies',
    elements: ids.map((id) => ({
      type: 'button',
      action_id: `do:${id}`,
      text: { type: 'plain_text', text: id },
      value: id,
    })),
  },
]

const form = (body: string) => Object.fromEntries(new URLSearchParams(body))

describe('a command', () => {
  it('arrives signed and form encoded, and the text of the ack becomes an ephemeral message', async () => {
    const bot = await aBot(() => ({ status: 200, body: '{"text":"running","response_type":"ephemeral"}' }))
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      const delivery = await slack.command({
        user: ada.id,
        channel: 'C0INFER',
        command: '/inc',
        text: 'status <a> & b',
      })
      expect(delivery).toMatchObject({ status: 200, transport: 'http', retry: 0 })
      expect(delivery.failure).toBeUndefined()
      expect(slack.ephemerals).toMatchObject([{ user: ada.id, channel: 'C0INFER', text: 'running' }])

      const [{ headers, body } = { headers: {}, body: '' }] = bot.received
      const timestamp = String(headers['x-slack-request-timestamp'])
      expect(headers['x-slack-signature']).toBe(signature(signingSecret, timestamp, body))
      expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
      expect(form(body)).toMatchObject({
        command: '/inc',
        text: 'status &lt;a&gt; &amp; b',
        user_id: ada.id,
        channel_id: 'C0INFER',
        channel_name: 'inference',
        trigger_id: delivery.triggerId,
        response_url: delivery.responseUrl,
      })
    })
    await bot.stop()
  })

  it.each([
    [{ status: 500 }, 'http_error', 'dispatch_failed'],
    [{ status: 302 }, 'http_error', 'dispatch_failed'],
    [{ status: 200, body: '{"text":""}' }, 'invalid_response', 'invalid_command_response'],
    [{ status: 200, body: '{"text":"x","color":"red"}' }, 'invalid_response', 'invalid_command_response'],
  ])('answered with %j fails as %s and says so to the person', async (answer, failure, shown) => {
    const bot = await aBot(() => answer)
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      const delivery = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      expect(delivery.failure).toBe(failure)
      expect(slack.ephemerals).toMatchObject([{ text: `/inc failed with the error "${shown}"` }])
    })
    await bot.stop()
  })

  it('that is answered after more than 3 s has failed', async () => {
    const bot = await aBot(() => ({ status: 200, delayMs: 4000 }))
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      const delivery = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      expect(delivery).toMatchObject({ status: undefined, failure: 'timeout' })
      expect(delivery.ackMs).toBeGreaterThan(2900)
      expect(delivery.ackMs).toBeLessThan(3500)
      expect(slack.ephemerals).toMatchObject([{ text: '/inc failed with the error "operation_timeout"' }])
    })
    await bot.stop()
  })

  it('to nobody fails without an endpoint, and to a closed port as unreachable', async () => {
    await withSlack({}, async (slack) => {
      const type = () => slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      expect(await type()).toMatchObject({ transport: 'none', failure: 'no_endpoint' })
      slack.requestUrl = 'http://127.0.0.1:9/slack/events'
      expect(await type()).toMatchObject({ transport: 'http', failure: 'unreachable' })
    })
  })

  it('can be replayed byte for byte, or forged', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      const delivery = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: 'off' })
      await slack.replay(delivery)
      expect(bot.received[1]?.body).toBe(bot.received[0]?.body)
      expect(bot.received[1]?.headers['x-slack-signature']).toBe(bot.received[0]?.headers['x-slack-signature'])
      const forged = await slack.raw('/slack/events', 'command=%2Finc', { 'x-slack-signature': 'v0=00' })
      expect(forged.status).toBe(200)
      expect(bot.received[2]?.headers['x-slack-signature']).toBe('v0=00')
    })
    await bot.stop()
  })
})

describe('a click', () => {
  it('carries the message, the button and its handles, as block_actions', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card', blocks: buttons('r1', 'f1') })
      const delivery = await slack.click({ user: grace.id, channel: 'C0INFER', ts, actionId: 'do:f1' })
      const payload = JSON.parse(form(bot.received[0]?.body ?? '').payload ?? '')
      expect(payload).toMatchObject({
        type: 'block_actions',
        user: { id: grace.id, team_id: 'T0SANDBOX' },
        team: { id: 'T0SANDBOX' },
        container: { type: 'message', message_ts: ts, channel_id: 'C0INFER', is_ephemeral: false },
        channel: { id: 'C0INFER', name: 'inference' },
        message: { ts, text: 'card', bot_id: slack.bot.botId },
        trigger_id: delivery.triggerId,
        response_url: delivery.responseUrl,
        actions: [{ type: 'button', action_id: 'do:f1', block_id: 'remedies', value: 'f1' }],
      })
      expect(payload.actions[0].action_ts).toMatch(/^\d{10}\.\d{6}$/)
    })
    await bot.stop()
  })

  it('needs the button to be there now', async () => {
    await withSlack({ requestUrl: 'http://127.0.0.1:9/' }, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card', blocks: buttons('r1') })
      const click = () => slack.click({ user: ada.id, channel: 'C0INFER', ts, actionId: 'do:r1' })
      await expect(click()).resolves.toMatchObject({ failure: 'unreachable' })
      await web.chat.update({ channel: 'C0INFER', ts, text: 'done', blocks: [] })
      await expect(click()).rejects.toThrow('no element do:r1')
      slack.remove('C0INFER', ts)
      await expect(click()).rejects.toThrow('no message')
    })
  })

  it('on an ephemeral message is possible for its reader only', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack, web) => {
      await web.chat.postEphemeral({ channel: 'C0INFER', user: ada.id, text: 'sure?', blocks: buttons('yes') })
      const ts = slack.ephemerals[0]?.ts ?? ''
      await slack.click({ user: ada.id, channel: 'C0INFER', ts, actionId: 'do:yes' })
      const payload = JSON.parse(form(bot.received[0]?.body ?? '').payload ?? '')
      expect(payload.container).toMatchObject({ is_ephemeral: true, message_ts: ts })
      expect(payload).not.toHaveProperty('message')
      const other = slack.click({ user: grace.id, channel: 'C0INFER', ts, actionId: 'do:yes' })
      await expect(other).rejects.toThrow('no message')
    })
    await bot.stop()
  })
})

describe('a mention', () => {
  it('is an event with the escaped text, and stands in the channel', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      await slack.mention({ user: ada.id, channel: 'C0INFER', text: 'diagnose <inference>' })
      const text = `<@${slack.bot.userId}> diagnose &lt;inference&gt;`
      expect(slack.messages('C0INFER')).toMatchObject([{ user: ada.id, text }])
      expect(bot.received[0]?.headers['content-type']).toBe('application/json')
      expect(JSON.parse(bot.received[0]?.body ?? '')).toMatchObject({
        type: 'event_callback',
        event: { type: 'app_mention', user: ada.id, channel: 'C0INFER', text },
      })
    })
    await bot.stop()
  })

  it('is retried with number and reason until it is acknowledged', async () => {
    const bot = await aBot((_request, count) => ({ status: count < 3 ? 500 : 200 }))
    await withSlack({ requestUrl: bot.url, eventRetryDelaysMs: [0, 10, 20] }, async (slack) => {
      const first = await slack.mention({ user: ada.id, channel: 'C0INFER', text: 'hi' })
      expect(first).toMatchObject({ status: 500, failure: 'http_error', retry: 0 })
      await pause(150)
      expect(slack.deliveries.map(({ status, retry }) => [status, retry])).toEqual([
        [500, 0],
        [500, 1],
        [200, 2],
      ])
      expect(bot.received.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2'])
      expect(bot.received[1]?.headers['x-slack-retry-reason']).toBe('http_error')
      expect(new Set(bot.received.map(({ body }) => JSON.parse(body).event_id)).size).toBe(1)
    })
    await bot.stop()
  })

  it('reaches the bot only in its channels and with its scope', async () => {
    await withSlack({}, async (slack) => {
      await expect(slack.mention({ user: ada.id, channel: 'C0LOBBY', text: 'hi' })).rejects.toThrow('not in #lobby')
    })
    await withSlack({ scopes: allScopes.filter((scope) => scope !== 'app_mentions:read') }, async (slack) => {
      await expect(slack.mention({ user: ada.id, channel: 'C0INFER', text: 'hi' })).rejects.toThrow('app_mentions:read')
    })
  })
})

describe('response URLs', () => {
  const respond = async (url: string | undefined, body: object) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url ?? '', { method: 'POST', body: JSON.stringify(body), headers })
    return [response.status, await response.text()]
  }

  it('work five times', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack) => {
      const { responseUrl } = await slack.command({ user: ada.id, channel: 'C0LOBBY', command: '/inc', text: '' })
      for (let use = 1; use <= 5; use += 1) expect(await respond(responseUrl, { text: `${use}` })).toEqual([200, 'ok'])
      expect(await respond(responseUrl, { text: '6' })).toEqual([404, '{"ok":false,"error":"used_url"}'])
      expect(slack.ephemerals.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5'])
    })
    await bot.stop()
  })

  it('work for half an hour', async () => {
    let now = 1_700_000_000_000
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url, now: () => now }, async (slack) => {
      const { responseUrl } = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      now += 30 * 60_000 + 1
      expect(await respond(responseUrl, { text: 'late' })).toEqual([404, '{"ok":false,"error":"expired_url"}'])
    })
    await bot.stop()
  })

  it('post into the channel, replace and delete the clicked message', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url }, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card', blocks: buttons('r1') })
      const { responseUrl } = await slack.click({ user: ada.id, channel: 'C0INFER', ts, actionId: 'do:r1' })
      await respond(responseUrl, { text: 'shown to all', response_type: 'in_channel' })
      await respond(responseUrl, { text: 'approved', replace_original: true })
      expect(slack.messages('C0INFER').map(({ text }) => text)).toEqual(['approved', 'shown to all'])
      await respond(responseUrl, { delete_original: true })
      expect(slack.messages('C0INFER')[0]).toMatchObject({ ts, deleted: true })
      expect((await respond(responseUrl, { text: '' }))[0]).toBe(400)
    })
    await bot.stop()
  })
})

describe('trigger ids', () => {
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'Hi' }, blocks: [] }

  it('open one view, within 3 s', async () => {
    let now = 1_700_000_000_000
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url, now: () => now }, async (slack, web) => {
      const trigger = async () => {
        const delivery = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
        return delivery.triggerId ?? ''
      }
      const open = (trigger_id: string) => outcome(web.views.open({ trigger_id, view }))
      const first = await trigger()
      expect([await open(first), await open(first)]).toEqual(['ok', 'exchanged_trigger_id'])
      const second = await trigger()
      now += 3001
      expect(await open(second)).toBe('expired_trigger_id')
      expect(await open('1.2.3')).toBe('invalid_trigger_id')
      expect(slack.views).toMatchObject([{ user: ada.id, view: { type: 'modal' } }])
    })
    await bot.stop()
  })

  it('views are updated against their hash, and submitted to the bot', async () => {
    const withInput = {
      ...view,
      submit: { type: 'plain_text' as const, text: 'Go' },
      blocks: [
        {
          type: 'input' as const,
          block_id: 'why',
          label: { type: 'plain_text' as const, text: 'Why?' },
          element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 5 },
        },
      ],
    }
    const answers = ['', '{"response_action":"errors","errors":{"why":"say more"}}', '']
    const bot = await aBot((_request, count) => ({ status: 200, body: answers[count - 1] ?? '' }))
    await withSlack({ requestUrl: bot.url }, async (slack, web) => {
      const { triggerId = '' } = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      const { view: opened } = await web.views.open({ trigger_id: triggerId, view: withInput })
      const view_id = opened?.id ?? ''
      expect(await outcome(web.views.update({ view_id, view: withInput, hash: 'stale' }))).toBe('hash_conflict')
      expect(await outcome(web.views.update({ view_id, view: withInput, hash: opened?.hash ?? '' }))).toBe('ok')
      const submit = (value: string) => {
        const values = { why: { text: { type: 'plain_text_input', value } } }
        return slack.submitView({ user: ada.id, viewId: view_id, values })
      }
      await expect(submit('')).rejects.toThrow('why is empty')
      await expect(submit('too long')).rejects.toThrow('why has 8 characters')
      const values = { why: { text: { type: 'plain_text_input', value: 'x' } } }
      await slack.submitView({ user: ada.id, viewId: view_id, values })
      expect(slack.views).toMatchObject([{ errors: { why: 'say more' } }])
      await slack.submitView({ user: ada.id, viewId: view_id, values })
      expect(slack.views).toEqual([])
      expect(JSON.parse(form(bot.received[2]?.body ?? '').payload ?? '').view.state).toEqual({ values })
    })
    await bot.stop()
  })
})

describe('an error that a bot answers to a submission', () => {
  it('must stand at an input that is there', async () => {
    const bot = await aBot((_request, count) => ({
      status: 200,
      body: count === 1 ? '' : '{"response_action":"errors","errors":{"other":"no"}}',
    }))
    await withSlack({ requestUrl: bot.url }, async (slack, web) => {
      const { triggerId = '' } = await slack.command({ user: ada.id, channel: 'C0INFER', command: '/inc', text: '' })
      const { view } = await web.views.open({
        trigger_id: triggerId,
        view: { type: 'modal', title: { type: 'plain_text', text: 'Hi' }, blocks: [] },
      })
      const delivery = await slack.submitView({ user: ada.id, viewId: view?.id ?? '', values: {} })
      expect(delivery.failure).toBe('invalid_response')
    })
    await bot.stop()
  })
})

describe('people', () => {
  const info = async (user: Partial<SlackUser>, scopes = allScopes) => {
    let told: Record<string, unknown> = {}
    await withSlack({ scopes, users: [{ ...ada, ...user }] }, async (_slack, web) => {
      told = { ...(await web.users.info({ user: ada.id })).user }
    })
    return told
  }

  it.each<readonly [string, Partial<SlackUser>, Readonly<Record<string, unknown>>]>([
    [
      'a member',
      {},
      { deleted: false, is_bot: false, is_restricted: false, is_email_confirmed: true, team_id: 'T0SANDBOX' },
    ],
    ['a guest', { isGuest: true }, { is_restricted: true }],
    ['a bot', { isBot: true }, { is_bot: true }],
    ['somebody with an address that nobody confirmed', { emailConfirmed: false }, { is_email_confirmed: false }],
    ['somebody of another workspace', { team: 'T0OTHER' }, { is_stranger: true, team_id: 'T0OTHER' }],
  ])('are told of as what they are: %s', async (_who, user, expected) => {
    expect(await info(user)).toMatchObject(expected)
  })

  it('whose account is closed are told of as closed and as nothing else', async () => {
    const told = await info({ deactivated: true })
    expect(told.deleted).toBe(true)
    expect(Object.keys(told)).not.toContain('is_restricted')
  })

  it('have an address only for apps that may see addresses', async () => {
    const without = allScopes.filter((scope) => scope !== 'users:read.email')
    expect(await info({})).toMatchObject({ profile: { email: ada.email } })
    expect(JSON.stringify(await info({}, without))).not.toContain(ada.email)
  })

  it('with a closed account do nothing, and those of another workspace type no commands here', async () => {
    await withSlack(
      {
        users: [
          { ...ada, deactivated: true },
          { ...grace, team: 'T0OTHER' },
        ],
      },
      async (slack) => {
        const type = (user: string) => slack.command({ user, channel: 'C0INFER', command: '/inc', text: '' })
        await expect(type(ada.id)).rejects.toThrow('is closed')
        await expect(type(grace.id)).rejects.toThrow('another workspace')
      },
    )
  })

  it('of another workspace are named with it when they press', async () => {
    const bot = await aBot(() => ({ status: 200 }))
    await withSlack({ requestUrl: bot.url, users: [{ ...grace, team: 'T0OTHER' }] }, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card', blocks: buttons('r1') })
      await slack.click({ user: grace.id, channel: 'C0INFER', ts, actionId: 'do:r1' })
      const payload = JSON.parse(form(bot.received[0]?.body ?? '').payload ?? '')
      expect(payload).toMatchObject({ user: { team_id: 'T0OTHER' }, team: { id: 'T0SANDBOX' } })
    })
    await bot.stop()
  })
})
