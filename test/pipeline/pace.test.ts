import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createPace, type Pace } from '../../src/pipeline/pace.ts'

describe('the pace of what is news all the time', () => {
  let pace: Pace
  let woken: { readonly key: string; readonly at: number }[]
  beforeEach(() => {
    jest.useFakeTimers({ now: 10_000 })
    woken = []
    pace = createPace({ everyMs: 200, apartMs: 20, firstsApartMs: 10, longestMs: 1_000 }, Date.now, (key) => {
      woken.push({ key, at: Date.now() })
    })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  const pass = (ms: number) => jest.advanceTimersByTime(ms)
  const times = () => woken.map(({ at }) => at)
  const keysOf = (kind: string, count: number) => Array.from({ length: count }, (_, n) => `${kind} ${n}`)
  /** Looked at just now, with news again since then. */
  const busy = (count: number) => {
    const keys = keysOf('incident', count)
    for (const key of keys) pace.looking(key)
    for (const key of keys) pace.news(key)
    return keys
  }

  it('wakes for the first news at once, and once for what follows', () => {
    pace.news('a')
    expect(times()).toEqual([10_000])
    pass(50)
    for (let n = 0; n < 10; n += 1) pace.news('a')
    expect(times()).toEqual([10_000])
    pass(1_000)
    expect(times()).toEqual([10_000, 10_200])
  })

  it('wakes at once again after a while without news', () => {
    pace.news('a')
    pass(1_000)
    pace.news('a')
    expect(times()).toEqual([10_000, 11_000])
  })

  it('wakes nobody for what was looked at meanwhile, and again for what came afterwards', () => {
    pace.news('a')
    pass(50)
    pace.news('a')
    pass(50)
    pace.looking('a')
    pass(50)
    expect(pace.isPlanned('a')).toBe(false)
    pace.news('a')
    expect(pace.isPlanned('a')).toBe(true)
    pass(1_000)
    expect(times()).toEqual([10_000, 10_300])
  })

  it('lets those whose first news come at once begin one after the other', () => {
    const keys = keysOf('new', 5)
    for (const key of keys) pace.news(key)
    expect(woken).toEqual([{ key: 'new 0', at: 10_000 }])
    expect(pace.isPlanned('new 4')).toBe(true)
    pass(1_000)
    expect(woken).toEqual(keys.map((key, n) => ({ key, at: 10_000 + 10 * n })))
  })

  it('lets the urgent of them begin first', () => {
    for (const key of keysOf('low', 3)) pace.news(key)
    for (const key of keysOf('high', 2)) pace.news(key, true)
    pass(1_000)
    expect(woken.map(({ key }) => key)).toEqual(['low 0', 'high 0', 'high 1', 'low 1', 'low 2'])
  })

  it('lets no incident wait for others that are busy', () => {
    busy(100)
    pass(50)
    pace.news('quiet')
    expect(woken).toEqual([{ key: 'quiet', at: 10_050 }])
    pass(210)
    pace.news('also quiet')
    pass(10)
    expect(woken.at(-1)?.key).toBe('also quiet')
    expect(woken.length).toBeLessThan(30)
  })

  it('gives each of many a turn of its own', () => {
    const keys = busy(20)
    pass(2_000)
    expect(woken).toEqual(keys.map((key, n) => ({ key, at: 10_200 + 20 * n })))
  })

  it('keeps turns apart when all have news again right after theirs', () => {
    pace.stop()
    pace = createPace({ everyMs: 200, apartMs: 20, firstsApartMs: 10, longestMs: 1_000 }, Date.now, (key) => {
      woken.push({ key, at: Date.now() })
      setTimeout(() => pace.news(key), 1)
    })
    busy(50)
    pass(10_000)
    const gaps = woken.slice(1).map(({ at }, n) => at - (woken[n]?.at ?? 0))
    expect(Math.min(...gaps)).toBe(20)
    for (const key of keysOf('incident', 50)) {
      const own = woken.flatMap((one) => (one.key === key ? [one.at] : []))
      expect(Math.max(...own.slice(1).map((at, n) => at - (own[n] ?? 0)))).toBeLessThanOrEqual(1_200)
    }
  })

  it('makes nobody wait for longer than that, however many there are', () => {
    for (const key of keysOf('new', 400)) pace.news(key)
    pass(10)
    expect(woken).toHaveLength(2)
    pass(1_000)
    expect(woken).toHaveLength(400)
  })

  it('makes nobody wait for long when the clock is set back', () => {
    pace.news('a')
    jest.setSystemTime(1_000)
    pace.news('a')
    pass(1_000)
    expect(woken).toHaveLength(2)
  })

  it('forgets what it looked at long ago, and not what it has just looked at', () => {
    for (let n = 0; n < 1_000; n += 1) pace.looking(`old ${n}`)
    pass(500)
    pace.looking('new')
    pace.news('old 1')
    pace.news('new')
    expect(woken.map(({ key }) => key)).toEqual(['old 1'])
  })

  it('wakes nobody after it was stopped', () => {
    busy(3)
    pace.stop()
    pass(5_000)
    expect(woken).toEqual([])
    expect(jest.getTimerCount()).toBe(0)
  })
})
