import { describe, expect, it } from '@jest/globals'
import { outcome, withSlack } from './fixture.ts'

describe('pins, reactions, bookmarks and permalinks', () => {
  it('mark a message once', async () => {
    await withSlack({}, async (_slack, web) => {
      const { ts: timestamp = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card' })
      const pin = () => outcome(web.pins.add({ channel: 'C0INFER', timestamp }))
      expect([await pin(), await pin()]).toEqual(['ok', 'already_pinned'])
      const react = (name: string) => outcome(web.reactions.add({ channel: 'C0INFER', timestamp, name }))
      expect([await react('eyes'), await react('eyes'), await react('Not a name')]).toEqual([
        'ok',
        'already_reacted',
        'invalid_arguments',
      ])
      const { messages } = await web.conversations.history({ channel: 'C0INFER' })
      expect(messages?.[0]?.reactions).toMatchObject([{ name: 'eyes', count: 1 }])
      expect(await outcome(web.pins.add({ channel: 'C0INFER', timestamp: '1.000001' }))).toBe('message_not_found')
      expect(await outcome(web.pins.add({ channel: 'C0LOBBY', timestamp }))).toBe('not_in_channel')
    })
  })

  it('keep links to the incident', async () => {
    await withSlack({}, async (_slack, web) => {
      const add = (link: string) =>
        outcome(web.bookmarks.add({ channel_id: 'C0INFER', title: 'PagerDuty', type: 'link', link }))
      expect([await add('https://acme.pagerduty.com/incidents/Q1'), await add('javascript:alert(1)')]).toEqual([
        'ok',
        'invalid_arguments',
      ])
    })
  })

  it('give permalinks to messages and replies', async () => {
    await withSlack({ now: () => 1_700_000_000_000 }, async (_slack, web) => {
      const { ts = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'card' })
      const { ts: reply = '' } = await web.chat.postMessage({ channel: 'C0INFER', text: 'r', thread_ts: ts })
      const link = async (message_ts: string) =>
        (await web.chat.getPermalink({ channel: 'C0INFER', message_ts })).permalink
      expect(await link(ts)).toBe('https://sandbox.slack.com/archives/C0INFER/p1700000000000000')
      expect(await link(reply)).toBe(
        `https://sandbox.slack.com/archives/C0INFER/p1700000000000001?thread_ts=${ts}&cid=C0INFER`,
      )
    })
  })

  it('api.test echoes, also errors, without a token', async () => {
    await withSlack({}, async (slack) => {
      const call = async (query: string) => (await fetch(`${slack.url}api.test?${query}`)).json()
      expect(await call('foo=bar')).toEqual({ ok: true, args: { foo: 'bar' } })
      expect(await call('error=my_error')).toMatchObject({ ok: false, error: 'my_error' })
    })
  })
})
