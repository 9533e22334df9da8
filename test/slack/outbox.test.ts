import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { SlackAnswer, SlackCall } from '../../src/slack/api.ts'
import { SlackError } from '../../src/slack/errors.ts'
import { createOutbox, type SendRequest } from '../../src/slack/outbox.ts'
import { PRIORITIES } from '../../src/slack/priority.ts'

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
  priority: 'rest',
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
    void outbox.send(post('urgent', { priority: 'urgent-card' }))
    await jest.advanceTimersByTimeAsync(10_000)
    expect(made.map(({ what }) => what)).toEqual(['a', 'b', 'c', 'urgent', 'd', 'e'])
  })

  it('keeps a quarter of what a method may be called in a minute for who waits for an answer', async () => {
    const { made, outbox } = aSlack()
    const edit = (what: string, priority: SendRequest['priority']): void => {
      outbox.send(post(what, { method: 'chat.update', priority })).catch(() => undefined)
    }
    for (let n = 1; n <= 60; n += 1) edit(`normal ${n}`, 'rest')
    await jest.advanceTimersByTimeAsync(0)
    expect(made).toHaveLength(36)
    edit('answer', 'person')
    await jest.advanceTimersByTimeAsync(0)
    expect(made.at(-1)?.what).toBe('answer')
  })

  it('drops a waiting call for a newer one about the same thing, which inherits its urgency', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c', 'd']) void outbox.send(post(what))
    const older = outbox.send(post('1 of 4', { coalesceKey: 'card', priority: 'urgent-card' }))
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
    void outbox.send(post('diagnosis', { method: 'chat.update', coalesceKey: 'card', priority: 'urgent-card' }))
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

  it('goes by priority: people first, then first cards by urgency, then news, then the rest', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c']) void outbox.send(post(what))
    for (const priority of [...PRIORITIES].reverse()) void outbox.send(post(priority, { priority }))
    await jest.advanceTimersByTimeAsync(60_000)
    expect(made.slice(3).map(({ what }) => what)).toEqual([...PRIORITIES])
  })

  it('says at once when those who go first leave no turn in time, so that only a few wait here', async () => {
    const { outbox } = aSlack()
    const sent = Array.from({ length: 50 }, (_, n) =>
      outcome(outbox.send(post(`${n}`, { deadlineMs: 10_000, placeKey: `${n}` }))),
    )
    await jest.advanceTimersByTimeAsync(0)
    expect(outbox.pending).toBe(7)
    await jest.advanceTimersByTimeAsync(10_000)
    expect((await Promise.all(sent)).filter((one) => one === 'ok')).toHaveLength(10)
  })

  it('keeps the place of who was told to come back: nothing that is less urgent overtakes it', async () => {
    const { made, outbox } = aSlack()
    const insist = async (what: string, priority: SendRequest['priority']): Promise<void> => {
      for (;;) {
        const came = outbox.send(post(what, { priority, deadlineMs: 4_000, placeKey: what }))
        const result = String(await outcome(came))
        if (result === 'ok') return
        await sleep(Number(result.split(' ')[1]))
      }
    }
    const all = [
      ...Array.from({ length: 20 }, (_, n) => insist(`urgent ${n}`, 'urgent-card')),
      ...Array.from({ length: 20 }, (_, n) => insist(`low ${n}`, 'card')),
    ]
    await jest.advanceTimersByTimeAsync(1_000)
    all.push(insist('late but urgent', 'urgent-card'))
    await jest.advanceTimersByTimeAsync(120_000)
    await Promise.all(all)
    const order = made.map(({ what }) => what)
    expect(order.slice(0, 21).filter((what) => what.includes('urgent'))).toHaveLength(21)
    expect(order).toHaveLength(41)
    // 3 at once and 0.95 a second: whoever came back lost the channel no time.
    expect(made.at(-1)?.at ?? 0).toBeLessThan(45_000)
  })

  it('lets who was told to come back and does not hold up nobody for long', async () => {
    const { made, outbox } = aSlack()
    for (const what of ['a', 'b', 'c']) void outbox.send(post(what))
    const gone = outcome(
      outbox.send(post('gone', { priority: 'person', deadlineMs: 2_500, patienceMs: 500, placeKey: 'gone' })),
    )
    const waits = outcome(outbox.send(post('waits', { deadlineMs: 20_000 })))
    await jest.advanceTimersByTimeAsync(10_000)
    expect(await Promise.all([gone, waits])).toEqual([expect.stringContaining('rate-limited'), 'ok'])
    expect(made.at(-1)).toEqual({ at: expect.any(Number), what: 'waits' })
    expect(made.at(-1)?.at).toBeLessThan(4_000)
  })

  it('foretells how long a call would wait, behind what is as urgent', async () => {
    const { outbox } = aSlack()
    const edit = { method: 'chat.update', priority: 'person' } as const
    expect(outbox.delayOf(edit)).toBe(0)
    for (let n = 0; n < 60; n += 1) void outbox.send({ ...edit, args: { what: String(n) }, deadlineMs: 300_000 })
    await jest.advanceTimersByTimeAsync(10_000)
    // 48 of 60 are out, and a minute after they were there is room for twelve more and then for this one.
    expect(outbox.delayOf(edit)).toBe(50_000)
    expect(outbox.delayOf({ ...edit, method: 'chat.postEphemeral' })).toBe(0)
    await jest.advanceTimersByTimeAsync(120_000)
    expect(outbox.delayOf(edit)).toBe(0)
  })

  it('never makes more calls in any minute than Slack grants, whatever is asked for', async () => {
    const { made, outbox } = aSlack()
    for (let second = 0; second < 150; second += 1) {
      for (let n = 0; n < 3; n += 1)
        outbox
          .send(
            post('edit', {
              method: 'chat.update',
              priority: PRIORITIES[(second + n) % 6] ?? 'rest',
              deadlineMs: 5_000,
            }),
          )
          .catch(() => undefined)
      await jest.advanceTimersByTimeAsync(1_000)
    }
    const most = Math.max(...made.map(({ at }) => made.filter((one) => one.at >= at && one.at < at + 60_000).length))
    expect(most).toBeLessThanOrEqual(48)
    expect(made.length).toBeGreaterThan(90)
  })
})

/** In the test's own time. */
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
