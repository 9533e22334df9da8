import { describe, expect, it } from '@jest/globals'
import { ada, allScopes, client, grace, outcome, withSlack } from './fixture.ts'

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })

describe('posting', () => {
  it.each([
    ['C0INFER', 'ok'],
    ['C0LOBBY', 'ok'],
    ['C0WAR', 'ok'],
    ['C0SECRET', 'channel_not_found'],
    ['inference', 'channel_not_found'],
  ])('to %s gives %s', async (channel, expected) => {
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.chat.postMessage({ channel, text: 'hi' }))).toBe(expected)
    })
  })

  it('to a public channel that the bot is not in needs chat:write.public', async () => {
    const scopes = allScopes.filter((scope) => scope !== 'chat:write.public')
    await withSlack({ scopes }, async (_slack, web) => {
      expect(await outcome(web.chat.postMessage({ channel: 'C0LOBBY', text: 'hi' }))).toBe('not_in_channel')
    })
  })

  it('without text is refused even with blocks, because notifications and screen readers read the text', async () => {
    await withSlack({}, async (_slack, web) => {
      const blocks = [section('hi')]
      expect(await outcome(web.chat.postMessage({ channel: 'C0INFER', blocks }))).toBe('no_text')
      expect(await outcome(web.chat.postMessage({ channel: 'C0INFER', blocks, text: ' ' }))).toBe('no_text')
      expect(await outcome(web.chat.postMessage({ channel: 'C0INFER', text: 'x'.repeat(4001) }))).toBe('msg_too_long')
    })
  })

  it('twice with the same client_msg_id posts twice', async () => {
    await withSlack({}, async (slack, web) => {
      const args = { channel: 'C0INFER', text: 'hi', client_msg_id: 'same' }
      await web.apiCall('chat.postMessage', args)
      await web.apiCall('chat.postMessage', args)
      expect(slack.messages('C0INFER')).toHaveLength(2)
    })
  })

  it('gives every message a greater ts, also under a clock that stands still', async () => {
    await withSlack({ now: () => 1_700_000_000_123 }, async (slack, web) => {
      await Promise.all(Array.from({ length: 20 }, () => web.chat.postMessage({ channel: 'C0INFER', text: 'hi' })))
      const times = slack.messages('C0INFER').map(({ ts }) => ts)
      expect(new Set(times).size).toBe(20)
      expect(times).toEqual([...times].sort())
      expect(times[0]).toMatch(/^1700000000\.123\d{3}$/)
    })
  })

  it('replies in threads of messages that exist', async () => {
    await withSlack({}, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'parent' })
      const reply = await web.chat.postMessage({ channel: 'C0INFER', text: 'reply', thread_ts: ts })
      expect(slack.messages('C0INFER')).toHaveLength(1)
      expect(slack.thread('C0INFER', ts).map(({ text }) => text)).toEqual(['parent', 'reply'])
      const lost = web.chat.postMessage({ channel: 'C0INFER', text: 'x', thread_ts: '1.000001' })
      expect(await outcome(lost)).toBe('thread_not_found')
      const nested = web.chat.postMessage({ channel: 'C0INFER', text: 'x', thread_ts: reply.ts ?? '' })
      expect(await outcome(nested)).toBe('cannot_reply_to_message')
    })
  })

  it('shows ephemeral messages to members only', async () => {
    await withSlack({}, async (slack, web) => {
      await web.chat.postEphemeral({ channel: 'C0INFER', user: ada.id, text: 'psst' })
      expect(slack.ephemerals).toMatchObject([{ channel: 'C0INFER', user: ada.id, text: 'psst' }])
      const stranger = web.chat.postEphemeral({ channel: 'C0WAR', user: grace.id, text: 'psst' })
      expect(await outcome(stranger)).toBe('user_not_in_channel')
    })
  })

  it('records what a text would notify and link, so that injections show', async () => {
    await withSlack({}, async (slack, web) => {
      const blocks = [section('<https://evil.example|docs> &lt;!here&gt;')]
      await web.chat.postMessage({ channel: 'C0INFER', text: 'alert <!channel> for <@U0ADA|ada>', blocks })
      expect(slack.messages('C0INFER')[0]).toMatchObject({
        mentions: ['<!channel>', '<@U0ADA>'],
        links: ['https://evil.example'],
      })
    })
  })
})

describe('updating', () => {
  it('replaces text and blocks, keeps the ts, and counts the edit', async () => {
    await withSlack({}, async (slack, web) => {
      const metadata = { event_type: 'incident', event_payload: { id: 'Q1' } }
      const { ts = '' } = await web.chat.postMessage({
        channel: 'C0INFER',
        text: 'a',
        blocks: [section('a')],
        metadata,
      })
      await web.apiCall('chat.update', { channel: 'C0INFER', ts, text: 'b', blocks: [section('b')] })
      expect(slack.messages('C0INFER')).toMatchObject([{ ts, text: 'b', edited: 1, metadata }])
      await web.chat.update({
        channel: 'C0INFER',
        ts,
        text: 'c',
        blocks: [],
        metadata: { event_type: 'x', event_payload: {} },
      })
      expect(slack.messages('C0INFER')[0]).toMatchObject({ text: 'c', edited: 2, metadata: { event_type: 'x' } })
      expect(slack.messages('C0INFER')[0]?.blocks).toBeUndefined()
    })
  })

  it('removes metadata when told with an empty object, and refuses what is not metadata', async () => {
    await withSlack({}, async (slack, web) => {
      const metadata = { event_type: 'incident', event_payload: { id: 'Q1' } }
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'a', metadata })
      const update = (given: object) =>
        outcome(web.apiCall('chat.update', { channel: 'C0INFER', ts, text: 'b', metadata: given }))
      expect(await update({ event_type: 'incident' })).toBe('invalid_metadata_format')
      expect(await update({ event_type: 'x', event_payload: { a: { b: { c: 1 } } } })).toBe('invalid_metadata_format')
      expect(await update({ event_type: 'x', event_payload: { a: 'x'.repeat(8000) } })).toBe('metadata_too_large')
      expect(slack.messages('C0INFER')[0]).toMatchObject({ metadata, edited: 0 })
      expect(await update({})).toBe('ok')
      expect(slack.messages('C0INFER')[0]).not.toHaveProperty('metadata')
    })
  })

  it('needs text always, and blocks when the message has blocks', async () => {
    await withSlack({}, async (_slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'a', blocks: [section('a')] })
      const update = (args: object) => outcome(web.apiCall('chat.update', { channel: 'C0INFER', ts, ...args }))
      expect(await update({ text: 'b' })).toBe('invalid_arguments')
      expect(await update({ blocks: [section('b')] })).toBe('no_text')
    })
  })

  it('touches only messages of the bot that exist', async () => {
    await withSlack({ requestUrl: 'http://127.0.0.1:9/' }, async (slack, web) => {
      await slack.mention({ user: ada.id, channel: 'C0INFER', text: 'hi' })
      const theirs = slack.messages('C0INFER')[0]?.ts ?? ''
      const update = (ts: string) => outcome(web.chat.update({ channel: 'C0INFER', ts, text: 'x' }))
      expect(await update(theirs)).toBe('cant_update_message')
      expect(await update('1.000001')).toBe('message_not_found')
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'mine' })
      slack.remove('C0INFER', ts)
      expect(await update(ts)).toBe('message_not_found')
    })
  })

  it('deletes its own messages and leaves their ghosts to the tests', async () => {
    await withSlack({}, async (slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'a' })
      await web.chat.delete({ channel: 'C0INFER', ts })
      expect(slack.messages('C0INFER')).toMatchObject([{ ts, deleted: true }])
      expect((await web.conversations.history({ channel: 'C0INFER' })).messages).toEqual([])
    })
  })
})

describe('history', () => {
  it('returns metadata in full only when asked', async () => {
    await withSlack({}, async (_slack, web) => {
      const metadata = { event_type: 'incident', event_payload: { key: 'card:Q1', nested: { n: 1 } } }
      await web.chat.postMessage({ channel: 'C0INFER', text: 'a', metadata })
      const bare = await web.conversations.history({ channel: 'C0INFER' })
      expect(bare.messages?.[0]?.metadata).toEqual({ event_type: 'incident' })
      const full = await web.conversations.history({ channel: 'C0INFER', include_all_metadata: true })
      expect(full.messages?.[0]?.metadata).toEqual(metadata)
    })
  })

  it('is newest first, paged, and bounded by oldest and latest', async () => {
    await withSlack({}, async (_slack, web) => {
      const times: string[] = []
      for (const text of ['1', '2', '3', '4', '5'])
        times.push((await web.chat.postMessage({ channel: 'C0INFER', text })).ts ?? '')
      const texts = async (args: object) => {
        const { messages = [] } = await web.conversations.history({ channel: 'C0INFER', ...args })
        return messages.map(({ text }) => text)
      }
      expect(await texts({ oldest: times[1], latest: times[3] })).toEqual(['3'])
      expect(await texts({ oldest: times[1], latest: times[3], inclusive: true })).toEqual(['4', '3', '2'])
      const first = await web.conversations.history({ channel: 'C0INFER', limit: 3 })
      expect(first).toMatchObject({ has_more: true })
      expect(await texts({ limit: 3, cursor: first.response_metadata?.next_cursor })).toEqual(['2', '1'])
    })
  })

  it('gives a thread with its parent first, oldest first, with metadata', async () => {
    await withSlack({}, async (_slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'parent' })
      const metadata = { event_type: 'finding', event_payload: { key: 'k' } }
      const { ts: reply = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'r', thread_ts: ts, metadata })
      const thread = await web.conversations.replies({ channel: 'C0INFER', ts, oldest: ts, include_all_metadata: true })
      expect(thread.messages).toMatchObject([
        { text: 'parent', reply_count: 1 },
        { text: 'r', metadata },
      ])
      expect((await web.conversations.replies({ channel: 'C0INFER', ts: reply })).messages).toHaveLength(2)
      expect(await outcome(web.conversations.replies({ channel: 'C0INFER', ts: '1.000001' }))).toBe('thread_not_found')
    })
  })

  it.each([
    ['C0LOBBY', 'not_in_channel'],
    ['C0SECRET', 'channel_not_found'],
  ])('of %s is refused: %s', async (channel, expected) => {
    await withSlack({}, async (_slack, web) => {
      expect(await outcome(web.conversations.history({ channel }))).toBe(expected)
    })
  })
})

describe('rate limits and faults', () => {
  it('takes one message per second and channel, with Retry-After, and tells listeners', async () => {
    let now = 1_700_000_000_000
    await withSlack({ now: () => now, limits: {} }, async (slack, web) => {
      const limited: unknown[] = []
      slack.on((event) => event.type === 'rate_limited' && limited.push(event))
      const post = (channel: string) => outcome(web.chat.postMessage({ channel, text: 'hi' }))
      const results = [await post('C0INFER'), await post('C0INFER'), await post('C0INFER'), await post('C0INFER')]
      expect(results).toEqual(['ok', 'ok', 'ok', 'slack_webapi_rate_limited_error'])
      expect(await post('C0WAR')).toBe('ok')
      expect(limited).toMatchObject([{ channel: 'C0INFER', retryAfterSeconds: 1 }])
      now += 1000
      expect(await post('C0INFER')).toBe('ok')
      expect(await post('C0INFER')).toBe('slack_webapi_rate_limited_error')
    })
  })

  it('limits other methods by their tier', async () => {
    await withSlack({ now: () => 1_700_000_000_000 }, async (_slack, web) => {
      const results = new Map<string, number>()
      for (let call = 0; call < 55; call += 1) {
        const result = await outcome(web.conversations.history({ channel: 'C0INFER' }))
        results.set(result, (results.get(result) ?? 0) + 1)
      }
      expect(Object.fromEntries(results)).toEqual({ ok: 50, slack_webapi_rate_limited_error: 5 })
    })
  })

  it('can accept a message and never answer', async () => {
    await withSlack({}, async (slack) => {
      slack.failNext('chat.postMessage', 'accept_then_timeout')
      const impatient = client(slack, undefined, 200)
      const result = await outcome(impatient.chat.postMessage({ channel: 'C0INFER', text: 'hi' }))
      expect(result).toBe('slack_webapi_request_error')
      expect(slack.messages('C0INFER')).toHaveLength(1)
      expect(await outcome(impatient.chat.postMessage({ channel: 'C0INFER', text: 'hi' }))).toBe('ok')
    })
  })

  it.each([
    ['timeout' as const, 'slack_webapi_request_error'],
    ['reset' as const, 'slack_webapi_request_error'],
    [{ status: 503 }, 'slack_webapi_http_error'],
    [{ status: 429, retryAfter: 30 }, 'slack_webapi_rate_limited_error'],
    [{ status: 200, body: '{"ok":false,"error":"fatal_error"}' }, 'fatal_error'],
  ])('suffers %j without any effect, as often as ordered', async (fault, expected) => {
    await withSlack({}, async (slack) => {
      slack.failNext('chat.postMessage', fault, 2)
      const impatient = client(slack, undefined, 200)
      const post = () => outcome(impatient.chat.postMessage({ channel: 'C0INFER', text: 'hi' }))
      expect([await post(), await post(), await post()]).toEqual([expected, expected, 'ok'])
      expect(slack.messages('C0INFER')).toHaveLength(1)
    })
  })
})
