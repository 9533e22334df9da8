import { createHmac } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type BotWorld, botWorld } from './bot-world.ts'
import { CHANNEL } from './builders.ts'
import { signingSecret } from './workspace.ts'

const FORM = 'application/x-www-form-urlencoded'
const at = { user: 'U0ADA', channel: CHANNEL } as const

let world: BotWorld
let unhandled: readonly unknown[] = []
const onUnhandled = (reason: unknown): void => {
  unhandled = [...unhandled, reason]
}
beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled)
  world = await botWorld('http', { perMinute: { command: 10_000, button: 10_000, stop: 10_000 } })
})
afterAll(async () => {
  process.off('unhandledRejection', onUnhandled)
  await world.stop()
})

function signed(body: string, contentType: string, seconds = Math.floor(Date.now() / 1000)) {
  return {
    'content-type': contentType,
    'x-slack-request-timestamp': String(seconds),
    'x-slack-signature': `v0=${createHmac('sha256', signingSecret).update(`v0:${seconds}:${body}`).digest('hex')}`,
  }
}

const commandBody = (text: string, trigger = `t${Math.random()}`): string =>
  new URLSearchParams({
    team_id: 'T0SANDBOX',
    user_id: 'U0ADA',
    channel_id: CHANNEL,
    command: '/inc',
    text,
    trigger_id: trigger,
  }).toString()

const post = (body: string, headers: Readonly<Record<string, string>>) =>
  world.slack.raw('/slack/events', body, headers)

describe('a request that is not Slack’s', () => {
  const now = (): number => Math.floor(Date.now() / 1000)
  const body = commandBody('diagnose inference')
  const cases: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
    ['no signature', () => ({ 'content-type': FORM })],
    ['a forged signature', () => ({ ...signed(body, FORM), 'x-slack-signature': `v0=${'0'.repeat(64)}` })],
    ['the signature of another body', () => signed(`${body}&text=off`, FORM)],
    ['a timestamp six minutes old', () => signed(body, FORM, now() - 360)],
    ['a timestamp six minutes ahead', () => signed(body, FORM, now() + 360)],
    ['a timestamp that is no number', () => ({ ...signed(body, FORM), 'x-slack-request-timestamp': 'NaN' })],
    ['a signature of another version', () => ({ ...signed(body, FORM), 'x-slack-signature': 'v1=abc' })],
  ]

  it.each(cases)('is refused with 401: %s', async (_name, headers) => {
    const before = world.asked.length
    expect((await post(body, headers())).status).toBe(401)
    expect(world.asked).toHaveLength(before)
  })
})

describe('a look at the certificate', () => {
  it('is answered without a signature, and nothing that hides in it is done', async () => {
    const before = world.asked.length
    const answer = await post(`${commandBody('off')}&ssl_check=1`, { 'content-type': FORM })
    expect([answer.status, answer.body]).toEqual([200, ''])
    expect(world.asked).toHaveLength(before)
  })
})

describe('a request that Slack signed', () => {
  it('counts once, however often it is repeated', async () => {
    const before = world.asked.length
    const delivery = await world.slack.command({ ...at, command: '/inc', text: 'off maintenance' })
    expect(world.asked).toHaveLength(before + 1)
    expect((await world.slack.replay(delivery)).status).toBe(200)
    expect((await world.slack.replay(delivery)).body).toBe('')
    expect(world.asked).toHaveLength(before + 1)
  })

  it('is taken with parameters behind its content type too', async () => {
    const body = commandBody('help')
    const answer = await post(body, signed(body, `${FORM}; charset=utf-8`))
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('/inc diagnose')])
  })

  it('is refused with 413 above the limit, whether or not its length is announced', async () => {
    const body = 'x'.repeat(1_000_001)
    expect((await post(body, signed(body, FORM))).status).toBe(413)
    expect(await chunked(body)).toBe(413)
  })

  it('gives the same key to the same command, so that it is recorded once', async () => {
    const before = world.asked.length
    for (const _ of [1, 2]) {
      // Signed twice, as a delivery that Slack repeats.
      const body = commandBody(`diagnose inference${' '.repeat(_)}`, 'the-same-trigger')
      await post(body, signed(body, FORM))
    }
    const [first, second] = world.asked.slice(before)
    expect(first).toEqual(second)
  })

  const payload = (value: unknown): string => new URLSearchParams({ payload: JSON.stringify(value) }).toString()
  const malformed: readonly (readonly [string, string, string])[] = [
    ['JSON that is null', 'null', 'application/json'],
    ['JSON that is a list', '[]', 'application/json'],
    ['no JSON', '{"a":', 'application/json'],
    ['an empty body', '', 'application/json'],
    ['an empty form', ' ', FORM],
    ['a payload that is null', payload(null), FORM],
    ['an event that is null', '{"type":"event_callback","event":null}', 'application/json'],
    ['an event that is a number', '{"type":"event_callback","event":7}', 'application/json'],
    ['actions that are no list', payload({ type: 'block_actions', actions: 7 }), FORM],
    ['actions without any', payload({ type: 'block_actions', actions: [] }), FORM],
    ['a mention without an event id', '{"type":"event_callback","event":{"type":"app_mention"}}', 'application/json'],
    ['a command without fields', 'command=%2Finc', FORM],
    ['a modal that is not ours', payload({ type: 'view_submission', view: { id: 'V1', callback_id: 'x' } }), FORM],
  ]

  it.each(malformed)('but that makes no sense is no server error: %s', async (_name, body, contentType) => {
    const began = Date.now()
    const { status } = await post(body, signed(body, contentType))
    expect(status).toBeLessThan(500)
    expect(Date.now() - began).toBeLessThan(1_000)
  })

  it('is never a server error and starts nothing, whatever a button’s payload holds', async () => {
    const before = world.asked.length
    const button = fc.record({
      action_id: fc.oneof(fc.string(), fc.constant('remediate:rem-1'), fc.jsonValue()),
      value: fc.oneof(fc.string(), fc.constant('pd-Q1|rem-2'), fc.jsonValue()),
      action_ts: fc.oneof(fc.constant('1.1'), fc.jsonValue()),
    })
    const body = fc.record({
      type: fc.constant('block_actions'),
      user: fc.oneof(fc.constant({ id: 'U0ADA' }), fc.jsonValue()),
      team: fc.oneof(fc.constant({ id: 'T0SANDBOX' }), fc.jsonValue()),
      channel: fc.oneof(fc.constant({ id: CHANNEL }), fc.jsonValue()),
      container: fc.oneof(fc.constant({ message_ts: '1.1' }), fc.jsonValue()),
      actions: fc.oneof(fc.array(button, { maxLength: 3 }), fc.jsonValue()),
    })
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const form = payload(value)
        const { status } = await post(form, signed(form, FORM))
        expect(status).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
    expect(world.asked).toHaveLength(before)
  })

  it('is never a server error, whatever is typed behind the command', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), commandLike), async (text) => {
        const body = commandBody(text)
        const answer = await post(body, signed(body, FORM))
        expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/"text":".+"/)])
      }),
      { numRuns: 200 },
    )
  })

  it('never leaves a promise behind that nobody waits for', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(unhandled).toEqual([])
  })
})

const commandLike = fc
  .tuple(
    fc.constantFrom('diagnose', 'status', 'freeze', 'unfreeze', 'off', 'on', 'help', 'Freeze', 'frz'),
    fc.constantFrom('', 'inference', 'INFERENCE', '<!channel>', '__proto__'),
    fc.constantFrom('', '2h', '2x', '-1h', '99999999999h', '0s', 'because'),
    fc.string(),
  )
  .map((words) => words.join(' '))

/** A body whose length is not announced. */
function chunked(body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      world.slack.requestUrl ?? '',
      { method: 'POST', headers: signed(body, FORM), agent: false },
      (res) => {
        res.resume()
        // A response from a server has a status.
        resolve(res.statusCode ?? 0)
      },
    )
    outgoing.on('error', reject)
    outgoing.write(body.slice(0, 500_000))
    outgoing.end(body.slice(500_000))
  })
}
