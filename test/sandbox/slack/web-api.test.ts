import { describe, expect, it } from '@jest/globals'
import { ada, allScopes, appToken, botToken, client, grace, messagesOf, outcome, withSlack } from './fixture.ts'

const without = (scope: string) => ({ scopes: allScopes.filter((candidate) => candidate !== scope) })

describe('tokens and scopes', () => {
  it.each([
    ['xoxb-wrong', 'invalid_auth'],
    [appToken, 'not_allowed_token_type'],
    ['', 'not_authed'],
  ])('refuses auth.test with token %j: %s', async (token, expected) => {
    await withSlack({}, async (slack) => {
      expect(await outcome(client(slack, token).auth.test())).toBe(expected)
    })
  })

  it('opens Socket Mode connections for the app token only', async () => {
    await withSlack({}, async (slack) => {
      expect(await outcome(client(slack, botToken).apps.connections.open())).toBe('not_allowed_token_type')
      const { url } = await client(slack, appToken).apps.connections.open()
      expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/link\//)
    })
  })

  it('answers the identity of the bot', async () => {
    await withSlack({}, async (slack, web) => {
      expect(await web.auth.test()).toMatchObject({ ok: true, user_id: slack.bot.userId, bot_id: slack.bot.botId })
    })
  })

  it('names the scope that is missing and those that are there', async () => {
    await withSlack({ scopes: ['chat:write'] }, async (_slack, web) => {
      const error = await web.users.info({ user: ada.id }).catch((caught: unknown) => caught)
      expect(error).toMatchObject({ data: { error: 'missing_scope', needed: 'users:read', provided: 'chat:write' } })
    })
  })

  it.each([
    ['chat:write', 'chat.postMessage', { channel: 'C0INFER', text: 'hi' }],
    ['channels:history', 'conversations.history', { channel: 'C0INFER' }],
    ['groups:history', 'conversations.history', { channel: 'C0WAR' }],
    ['channels:read', 'conversations.info', { channel: 'C0INFER' }],
    ['groups:read', 'conversations.list', { types: 'private_channel' }],
    ['channels:join', 'conversations.join', { channel: 'C0LOBBY' }],
    ['channels:manage', 'conversations.create', { name: 'inc-1' }],
    ['groups:write', 'conversations.create', { name: 'inc-1', is_private: true }],
    ['users:read.email', 'users.lookupByEmail', { email: ada.email }],
    ['usergroups:read', 'usergroups.users.list', { usergroup: 'S0ONCALL' }],
    ['files:write', 'files.getUploadURLExternal', { filename: 'a.png', length: 3 }],
    ['files:read', 'files.info', { file: 'F1' }],
    ['pins:write', 'pins.add', { channel: 'C0INFER', timestamp: '1.000001' }],
    [
      'bookmarks:write',
      'bookmarks.add',
      { channel_id: 'C0INFER', title: 'x', type: 'link', link: 'https://a.example' },
    ],
    ['reactions:write', 'reactions.add', { channel: 'C0INFER', timestamp: '1.000001', name: 'eyes' }],
  ])('needs %s for %s', async (scope, method, args) => {
    await withSlack(without(scope), async (_slack, web) => {
      expect(await outcome(web.apiCall(method, args))).toBe('missing_scope')
    })
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.apiCall(method, args))).not.toBe('missing_scope')
    })
  })

  it('hides addresses from an app without users:read.email', async () => {
    await withSlack(without('users:read.email'), async (_slack, web) => {
      expect((await web.users.info({ user: ada.id })).user?.profile?.email).toBeUndefined()
    })
  })
})

describe('arguments', () => {
  it('knows no method outside its list', async () => {
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.apiCall('chat.scheduleMessage', {}))).toBe('unknown_method')
    })
  })

  it('refuses arguments that the method does not have, by name', async () => {
    await withSlack({}, async (_slack, web) => {
      const call = () => web.apiCall('chat.postMessage', { channel: 'C0INFER', text: 'hi', thread: '1.2' })
      expect(await outcome(call())).toBe('invalid_arguments')
      expect(await messagesOf(call())).toEqual(['[ERROR] invalid additional property: thread [json-pointer:]'])
    })
  })

  it('refuses a thread_ts that went through a floating point number', async () => {
    await withSlack({}, async (slack) => {
      const response = await postJson(slack.url, 'chat.postMessage', { channel: 'C0INFER', text: 'hi', thread_ts: 1.5 })
      expect(response).toMatchObject({ ok: false, error: 'invalid_arguments' })
    })
  })

  it('takes JSON as well as forms, and warns when the charset is missing', async () => {
    await withSlack({}, async (slack) => {
      const blocks = [{ type: 'divider' }]
      const response = await postJson(slack.url, 'chat.postMessage', { channel: 'C0INFER', text: 'hi', blocks })
      expect(response).toMatchObject({ ok: true, warning: 'missing_charset' })
      expect(slack.messages('C0INFER')).toHaveLength(1)
    })
  })

  it('takes a token from a form but not from JSON', async () => {
    await withSlack({}, async (slack) => {
      const form = await fetch(`${slack.url}auth.test`, {
        method: 'POST',
        body: new URLSearchParams({ token: botToken }),
      })
      expect(await form.json()).toMatchObject({ ok: true })
      const json = await fetch(`${slack.url}auth.test`, {
        method: 'POST',
        body: JSON.stringify({ token: botToken }),
        headers: { 'content-type': 'application/json' },
      })
      expect(await json.json()).toMatchObject({ ok: false, error: 'not_authed' })
    })
  })

  it.each([
    ['{', 'application/json', 'invalid_json'],
    ['[]', 'application/json', 'json_not_object'],
    ['x', 'application/xml', 'invalid_post_type'],
    ['x', 'multipart/form-data; boundary=a', 'invalid_form_data'],
  ])('refuses the body %j as %s: %s', async (body, contentType, error) => {
    await withSlack({}, async (slack) => {
      const headers = { 'content-type': contentType, authorization: `Bearer ${botToken}` }
      const response = await fetch(`${slack.url}auth.test`, { method: 'POST', body, headers })
      expect(await response.json()).toMatchObject({ ok: false, error })
    })
  })

  it('logs every call with its arguments, but never the token', async () => {
    await withSlack({}, async (slack, web) => {
      await outcome(web.chat.postMessage({ channel: 'C9NONE', text: 'hi', token: botToken }))
      expect(slack.calls).toMatchObject([{ method: 'chat.postMessage', ok: false, error: 'channel_not_found' }])
      expect(JSON.stringify(slack.calls)).not.toContain(botToken)
    })
  })
})

describe('people and channels', () => {
  it('finds people and the members of user groups', async () => {
    await withSlack({}, async (_slack, web) => {
      expect((await web.users.lookupByEmail({ email: 'ADA@example.com' })).user?.id).toBe(ada.id)
      expect(await outcome(web.users.lookupByEmail({ email: 'nobody@example.com' }))).toBe('users_not_found')
      expect((await web.usergroups.users.list({ usergroup: 'S0ONCALL' })).users).toEqual([ada.id])
      expect(await outcome(web.usergroups.users.list({ usergroup: 'S9' }))).toBe('no_such_subteam')
    })
  })

  it('pages lists with a cursor', async () => {
    await withSlack({}, async (_slack, web) => {
      const first = await web.users.list({ limit: 2 })
      expect(first.members).toHaveLength(2)
      const second = await web.users.list({ limit: 2, cursor: first.response_metadata?.next_cursor ?? '' })
      expect(second.members?.map(({ id }) => id)).toEqual([grace.id])
      expect(second.response_metadata?.next_cursor).toBe('')
      expect(await outcome(web.users.list({ cursor: 'nonsense' }))).toBe('invalid_cursor')
    })
  })

  it('shows private channels only to their members', async () => {
    await withSlack({}, async (_slack, web) => {
      const { channels } = await web.conversations.list({ types: 'public_channel,private_channel' })
      expect(channels?.map(({ name }) => name)).toEqual(['inference', 'lobby', 'war-room'])
      expect(await outcome(web.conversations.info({ channel: 'C0SECRET' }))).toBe('channel_not_found')
    })
  })

  it.each([
    ['Inc-1', 'invalid_name_specials'],
    ['inc 1', 'invalid_name_specials'],
    ['', 'invalid_name_required'],
    ['--', 'invalid_name_punctuation'],
    ['a'.repeat(81), 'invalid_name_maxlength'],
    ['inference', 'name_taken'],
    ['inc-7_größe', 'ok'],
  ])('creating a channel named %j gives %s', async (name, expected) => {
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.conversations.create({ name }))).toBe(expected)
    })
  })

  it('invites people once, and sets topics of up to 250 characters', async () => {
    await withSlack({}, async (_slack, web) => {
      const { channel } = await web.conversations.create({ name: 'inc-1' })
      const id = channel?.id ?? ''
      expect(await outcome(web.conversations.invite({ channel: id, users: `${ada.id},${grace.id}` }))).toBe('ok')
      expect((await web.conversations.members({ channel: id })).members).toContain(grace.id)
      expect(await outcome(web.conversations.invite({ channel: id, users: ada.id }))).toBe('already_in_channel')
      expect(await outcome(web.conversations.invite({ channel: id, users: 'U9' }))).toBe('user_not_found')
      expect(await outcome(web.conversations.setTopic({ channel: id, topic: 'x'.repeat(250) }))).toBe('ok')
      expect(await outcome(web.conversations.setTopic({ channel: id, topic: 'x'.repeat(251) }))).toBe('too_long')
    })
  })

  it('joins public channels only', async () => {
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.conversations.join({ channel: 'C0LOBBY' }))).toBe('ok')
      expect((await web.conversations.info({ channel: 'C0LOBBY' })).channel?.is_member).toBe(true)
      expect(await outcome(web.conversations.join({ channel: 'C0WAR' }))).toBe('method_not_supported_for_channel_type')
    })
  })
})

async function postJson(url: string, method: string, args: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${botToken}` }
  const response = await fetch(`${url}${method}`, { method: 'POST', body: JSON.stringify(args), headers })
  return response.json()
}
