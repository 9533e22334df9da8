import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { Answer, DataSource, MetricsSource, Sample } from '../../../src/datasources/datasource.ts'
import { SourceError } from '../../../src/datasources/datasource.ts'
import { guarded } from '../../../src/datasources/guard/index.ts'
import { type TurnstileLimits, turnstileLimits } from '../../../src/datasources/guard/turnstile.ts'
import { NOW } from '../../builders.ts'
import { failureOf, inTime, offered } from '../deps.ts'

type Instant = MetricsSource['instant']

const value = (query: string): Answer<readonly Sample[]> => ({
  value: [{ labels: { query }, value: query.length }],
  query,
  asOf: NOW,
  warnings: [],
})

/** A guarded source whose metrics answer as told, and what it was really asked. */
function aGuarded(instant: Instant, limits: Partial<TurnstileLimits> = {}) {
  const asked: string[] = []
  const counted: string[] = []
  const states: string[] = []
  let now = NOW
  const source: DataSource = {
    name: 'prod',
    type: 'fake',
    probe: async () => undefined,
    metrics: {
      instant: (query, at, signal) => {
        asked.push(query)
        return instant(query, at, signal)
      },
      range: async (query, window) => {
        asked.push(`${query} ${window.stepMs}`)
        return { value: [], query, asOf: window.to, warnings: [] }
      },
    },
    json: {
      get: async (path) => {
        asked.push(path)
        return { value: path, query: path, asOf: NOW, warnings: [] }
      },
    },
  }
  const meter = {
    sourceQuestion: (_source: string, result: string) => void counted.push(result),
    sourceState: (_source: string, state: string) => void states.push(state),
  }
  const guard = guarded(source, { now: () => now, meter, limits: { ...turnstileLimits, ...limits } })
  return {
    asked,
    counted,
    states,
    metrics: offered(guard.metrics),
    json: offered(guard.json),
    pass: (ms: number) => {
      now += ms
    },
  }
}

const dead: Instant = () => Promise.reject(new SourceError('unreachable', 'prod', 'prod could not be reached.'))

const silent: Instant = (_query, _at, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

describe('questions that several ask at the same time', () => {
  it('asks the same question once, and gives everybody the answer', async () => {
    const { metrics, asked, counted } = aGuarded(async (query) => {
      await sleep(20)
      return value(query)
    })
    const answers = await Promise.all([1, 2, 3].map((ms) => metrics.instant('up', NOW + ms, inTime())))
    expect(asked).toEqual(['up'])
    expect(answers).toEqual([value('up'), value('up'), value('up')])
    expect(counted.toSorted()).toEqual(['answered', 'shared', 'shared'])
  })

  it('keeps questions apart that differ in anything: query, moment, window, step, capability, path', async () => {
    const { metrics, json, asked } = aGuarded(async (query) => value(query))
    const window = { from: NOW - 60_000, to: NOW, stepMs: 15_000 }
    await Promise.all([
      metrics.instant('a', NOW, inTime()),
      metrics.instant('b', NOW, inTime()),
      metrics.instant('a', NOW + 5_000, inTime()),
      metrics.range('a', window, inTime()),
      metrics.range('a', { ...window, stepMs: 60_000 }, inTime()),
      metrics.range('a', { ...window, from: NOW - 120_000 }, inTime()),
      json.get('a', inTime()),
      json.get('b', inTime()),
    ])
    expect(asked).toHaveLength(8)
  })

  it('hands nobody an answer from before: what has been answered is asked again, and so is what began a while ago', async () => {
    const { metrics, asked, pass } = aGuarded(async (query) => {
      await sleep(20)
      return value(query)
    })
    await metrics.instant('up', NOW, inTime())
    const second = metrics.instant('up', NOW, inTime())
    pass(1_500)
    await Promise.all([second, metrics.instant('up', NOW, inTime())])
    expect(asked).toHaveLength(3)
  })

  it('lets one who gives up take nothing from the others', async () => {
    let abortedAfter = 0
    const { metrics } = aGuarded(async (query, _at, signal) => {
      await sleep(50)
      if (signal.aborted) abortedAfter += 1
      return value(query)
    })
    const impatient = new AbortController()
    const first = failureOf(metrics.instant('up', NOW, impatient.signal))
    const other = metrics.instant('up', NOW, inTime())
    impatient.abort(new Error('incident over'))
    expect(await first).toEqual(new Error('incident over'))
    expect(await other).toEqual(value('up'))
    expect(abortedAfter).toBe(0)
  })

  it('aborts a question when nobody waits for it any longer, and asks afresh for who comes later', async () => {
    let aborted = 0
    const { metrics, asked } = aGuarded(
      (_query, _at, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted += 1
            reject(signal.reason)
          })
        }),
    )
    const over = new AbortController()
    const all = [1, 2].map(() => failureOf(metrics.instant('up', NOW, over.signal)))
    over.abort(new Error('over'))
    await Promise.all(all)
    expect(aborted).toBe(1)
    const late = new AbortController()
    const later = failureOf(metrics.instant('up', NOW, late.signal))
    await sleep(0)
    late.abort()
    await later
    expect(asked).toHaveLength(2)
  })

  it('tells everybody of a failure', async () => {
    const { metrics } = aGuarded(dead)
    const failures = await Promise.all([1, 2].map(() => failureOf(metrics.instant('up', NOW, inTime()))))
    expect(failures.every((one) => one instanceof SourceError)).toBe(true)
  })
})

describe('a source that does not answer', () => {
  it('is left alone after five failures in a row, with a sentence that says until when and why', async () => {
    const { metrics, asked, states, counted } = aGuarded(dead)
    for (let n = 0; n < 5; n += 1) await failureOf(metrics.instant(`q${n}`, NOW, inTime()))
    const failure = await failureOf(metrics.instant('q5', NOW, inTime()))
    expect(asked).toHaveLength(5)
    expect(failure).toMatchObject({ kind: 'unreachable', source: 'prod' })
    const until = new Date(NOW + 30_000).toISOString().slice(11, 19)
    expect(String(failure)).toContain(
      `prod did not answer 5 times in a row; it is not asked again until ${until} UTC. The last time: prod could not be reached.`,
    )
    expect(states).toEqual(['closed', 'open'])
    expect(counted.at(-1)).toBe('refused')
  })

  it('is asked one question when its rest is over, and all again once that is answered', async () => {
    let up = false
    const { metrics, asked, pass, states } = aGuarded(async (query, at, signal) =>
      up ? value(query) : dead(query, at, signal),
    )
    for (let n = 0; n < 5; n += 1) await failureOf(metrics.instant(`q${n}`, NOW, inTime()))
    pass(30_000)
    up = true
    const [probe, meanwhile] = [metrics.instant('probe', NOW, inTime()), metrics.instant('other', NOW, inTime())]
    expect(String(await failureOf(meanwhile))).toContain('while one question finds out')
    expect(await probe).toEqual(value('probe'))
    expect(await metrics.instant('again', NOW, inTime())).toEqual(value('again'))
    expect(asked.slice(5)).toEqual(['probe', 'again'])
    expect(states).toEqual(['closed', 'open', 'probing', 'closed'])
  })

  it('counts a refusal as an answer: a 403 says that the source is there', async () => {
    const { metrics, asked } = aGuarded(() => Promise.reject(new SourceError('forbidden', 'prod', 'no')))
    for (let n = 0; n < 8; n += 1) await failureOf(metrics.instant(`q${n}`, NOW, inTime()))
    expect(asked).toHaveLength(8)
  })

  it('counts being called off as silence only when it was silent for long enough', async () => {
    const { metrics, asked, counted } = aGuarded(silent, { silenceMs: 30, failures: 2 })
    const askFor = (query: string, ms: number) => failureOf(metrics.instant(query, NOW, AbortSignal.timeout(ms)))
    await askFor('a', 1)
    await askFor('b', 1)
    await askFor('c', 60)
    await askFor('d', 60)
    expect(String(await askFor('e', 60))).toContain('did not answer 2 times in a row')
    expect(asked).toEqual(['a', 'b', 'c', 'd'])
    expect(counted).toEqual(['called-off', 'called-off', 'unanswered', 'unanswered', 'refused'])
  })

  it('holds nobody up for longer than the longest time, though it ignores its signal', async () => {
    const { metrics } = aGuarded(() => new Promise<never>(() => undefined), { longestMs: 30 })
    expect(await failureOf(metrics.instant('up', NOW, inTime()))).toMatchObject({ kind: 'timeout', source: 'prod' })
  })
})

describe('a crowd in front of a source', () => {
  it('asks only so many questions at the same time, all of them in the end', async () => {
    let underWay = 0
    let most = 0
    const { metrics } = aGuarded(
      async (query) => {
        underWay += 1
        most = Math.max(most, underWay)
        await sleep(5)
        underWay -= 1
        return value(query)
      },
      { atOnce: 3 },
    )
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => metrics.instant(`q${n}`, NOW, inTime()).then(({ query }) => query)),
    )
    expect(most).toBe(3)
    expect(new Set(answers).size).toBe(20)
  })

  it('refuses at once what would make the line longer than it may be', async () => {
    const { metrics, counted } = aGuarded(silent, { atOnce: 1, line: 2 })
    const over = new AbortController()
    const inLine = ['a', 'b', 'c'].map((query) => failureOf(metrics.instant(query, NOW, over.signal)))
    const refused = await failureOf(metrics.instant('d', NOW, inTime()))
    expect(String(refused)).toContain('2 questions wait for prod; this one was not asked.')
    expect(counted).toEqual(['crowded'])
    over.abort()
    await Promise.all(inLine)
  })

  it('keeps no room for who has given up waiting', async () => {
    const { metrics, asked } = aGuarded(silent, { atOnce: 1 })
    const first = new AbortController()
    const second = new AbortController()
    const inside = failureOf(metrics.instant('a', NOW, first.signal))
    const gone = failureOf(metrics.instant('b', NOW, second.signal))
    second.abort()
    await gone
    first.abort()
    await inside
    await failureOf(metrics.instant('c', NOW, AbortSignal.timeout(5)))
    expect(asked).toEqual(['a', 'c'])
  })
})
