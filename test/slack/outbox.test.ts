import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { SlackAnswer, SlackCall } from '../../src/slack/api.ts'
import { SlackError } from '../../src/slack/errors.ts'
import { createOutbox, type SendRequest } from '../../src/slack/outbox.ts'

beforeEach(() => {
  jest.useFakeTimers({ now: Date.UTC(2026, 0, 13, 3, 42) })
})
afterEach(() => {
  jest.useRealTimers()
})

interface Made {
  readonly at: number
  readonly what: string
}

/** A Slack that notes when each call begins, counted from the start of the test, and answers as told. */
function aSlack(
  answer: (args: SlackAnswer, count: number) => Promise<SlackAnswer> | SlackAnswer = () => ({ ok: true }),
) {
  const start = Date.now()
  const made: Made[] = []
  const call: SlackCall = async (_method, args) => {
    made.push({ at: Date.now() - start, what: String(args.what) })
    return answer(args, made.length)
  }
  return { made, outbox: createOutbox({ call, now: Date.now }) }
}

const post = (what: string, change: Partial<SendRequest> = {}): SendRequest => ({
  method: 'chat.postMessage',
  args: { what },
  channel: 'C1',
  priority: 'normal',
  deadlineMs: 60_000,
  ...change,
})

const limited = (retryAfterMs: number) =>
  new SlackError({ kind: 'rate-limited', method: 'chat.postMessage', code: 'ratelimited', retryAfterMs })

/** What a send came to. */
async function outcome(sent: Promise<SlackAnswer | 'superseded'>): Promise<unknown> {
  return sent.then(
    (answer) => (answer === 'superseded' ? answer : 'ok'),
    (error: unknown) => (error instanceof SlackError ? `${error.kind} ${error.retryAfterMs ?? ''}`.trim() : error),
  )
}

describe('the outbox', () => {
  it('posts three at once into a channel and then one about every second, in order', async () => {
    const { made, outbox } = aSlack()
    const all = ['a', 'b', 'c', 'd', 'e'].map((what) => outbox.send(post(what)))
    await jest.advanceTimersByTimeAsync(10_000)
    await Promise.all(all)
    expect(made.map(({ what }) => what).join('')).toBe('abcde')
    expect(made.map(({ at }) => Math.round(at / 1_000))).toEqual([0, 0, 0, 1, 2])
  })

  it('does not let one channel wait for another', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c', 'd', 'e']) void outbox.send(post(what))
    void outbox.send(post('elsewhere', { channel: 'C2' }))
    await jest.advanceTimersByTimeAsync(0)
    expect(made.map(({ what }) => what)).toEqual(['a', 'b', 'c', 'elsewhere'])
  })

  it('takes what is urgent first, whatever waits', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c', 'd', 'e']) void outbox.send(post(what))
    void outbox.send(post('urgent', { priority: 'urgent' }))
    await jest.advanceTimersByTimeAsync(10_000)
    expect(made.map(({ what }) => what)).toEqual(['a', 'b', 'c', 'urgent', 'd', 'e'])
  })

  it('keeps a fifth of a method’s budget for what is urgent', async () => {
    const { made, outbox } = aSlack()
    const edit = (what: string, priority: SendRequest['priority']) =>
      void outbox.send(post(what, { method: 'chat.update', priority }))
    for (let n = 1; n <= 60; n += 1) edit(`normal ${n}`, 'normal')
    await jest.advanceTimersByTimeAsync(0)
    expect(made).toHaveLength(39)
    edit('diagnosis', 'urgent')
    await jest.advanceTimersByTimeAsync(0)
    expect(made.at(-1)?.what).toBe('diagnosis')
  })

  it('drops a waiting call for a newer one about the same thing, which inherits its urgency', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c', 'd']) void outbox.send(post(what))
    const older = outbox.send(post('1 of 4', { coalesceKey: 'card', priority: 'urgent' }))
    const newer = outbox.send(post('2 of 4', { coalesceKey: 'card' }))
    await jest.advanceTimersByTimeAsync(10_000)
    expect([await outcome(older), await outcome(newer)]).toEqual(['superseded', 'ok'])
    expect(made.map(({ what }) => what)).toEqual(['a', 'b', 'c', '2 of 4', 'd'])
  })

  it('lets a call about the same thing end before the next begins, so that the newest state stands', async () => {
    let finish: (answer: SlackAnswer) => void = () => undefined
    const { made, outbox } = aSlack((_args, count) =>
      count === 1
        ? new Promise<SlackAnswer>((resolve) => {
            finish = resolve
          })
        : { ok: true },
    )
    void outbox.send(post('progress', { method: 'chat.update', coalesceKey: 'card' }))
    void outbox.send(post('diagnosis', { method: 'chat.update', coalesceKey: 'card', priority: 'urgent' }))
    await jest.advanceTimersByTimeAsync(300)
    expect(made).toHaveLength(1)
    finish({ ok: true })
    await jest.advanceTimersByTimeAsync(0)
    expect(made).toEqual([expect.anything(), { at: 300, what: 'diagnosis' }])
  })

  it('repeats what was answered with 429 after Retry-After, and meanwhile pauses that channel alone', async () => {
    const { made, outbox } = aSlack((_args, count) => (count === 1 ? Promise.reject(limited(5_000)) : { ok: true }))
    const first = outbox.send(post('a'))
    await jest.advanceTimersByTimeAsync(0)
    void outbox.send(post('b'))
    void outbox.send(post('elsewhere', { channel: 'C2' }))
    void outbox.send(post('edit', { method: 'chat.update' }))
    await jest.advanceTimersByTimeAsync(10_000)
    expect(await outcome(first)).toBe('ok')
    expect(made).toEqual([
      { at: 0, what: 'a' },
      { at: 0, what: 'elsewhere' },
      { at: 0, what: 'edit' },
      { at: 5_000, what: 'a' },
      { at: 5_000, what: 'b' },
    ])
  })

  it('says at once when the turn will come too late, and when to come back', async () => {
    const { made, outbox } = aSlack(() => Promise.reject(limited(30_000)))
    const first = outcome(outbox.send(post('a', { deadlineMs: 10_000 })))
    await jest.advanceTimersByTimeAsync(0)
    expect(await first).toBe('rate-limited 30000')
    expect(await outcome(outbox.send(post('b', { deadlineMs: 10_000 })))).toBe('rate-limited 30000')
    expect(made).toHaveLength(1)
  })

  it('never makes a modal wait', async () => {
    const { made, outbox } = aSlack((args) => (args.what === 'modal' ? { ok: true } : Promise.reject(limited(60_000))))
    for (let n = 0; n < 200; n += 1) outbox.send(post(`${n}`)).catch(() => undefined)
    const modal = outbox.send(post('modal', { method: 'views.open', deadlineMs: 2_500 }))
    await jest.advanceTimersByTimeAsync(0)
    expect(await outcome(modal)).toBe('ok')
    expect(made.at(-1)?.what).toBe('modal')
  })

  it('gives every call a deadline, and a call that begins late still the time for an answer', async () => {
    const deadlines: number[] = []
    const start = Date.now()
    const call: SlackCall = (_method, _args, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          deadlines.push(Date.now() - start)
          reject(signal.reason)
        })
      })
    jest.useRealTimers()
    const outbox = createOutbox({ call, now: Date.now })
    expect(await outcome(outbox.send(post('a', { deadlineMs: 2_100 })))).toBe('ambiguous')
    expect(deadlines).toHaveLength(1)
  })

  it('lets go of what waits when its caller gives up', async () => {
    const { made, outbox } = aSlack()
    const caller = new AbortController()
    for (const what of ['a', 'b', 'c']) void outbox.send(post(what))
    const waiting = outcome(outbox.send(post('d', { signal: caller.signal })))
    caller.abort()
    await jest.advanceTimersByTimeAsync(10_000)
    expect(await waiting).toBe('unavailable')
    expect(made).toHaveLength(3)
    expect(outbox.pending).toBe(0)
  })

  it('survives a storm of 429s without losing or repeating anything', async () => {
    const accepted: string[] = []
    let turn = 0
    const { outbox } = aSlack((args) => {
      turn += 1
      if (turn % 3 !== 0) return Promise.reject(limited(1_000))
      accepted.push(String(args.what))
      return { ok: true }
    })
    const names = Array.from({ length: 30 }, (_, n) => `${n}`)
    const all = names.map((what) => outcome(outbox.send(post(what, { deadlineMs: 600_000 }))))
    await jest.advanceTimersByTimeAsync(600_000)
    expect(await Promise.all(all)).toEqual(names.map(() => 'ok'))
    expect([...accepted].sort((a, b) => Number(a) - Number(b))).toEqual(names)
  })
})
