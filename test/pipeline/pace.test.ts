import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createPace, type Pace } from '../../src/pipeline/pace.ts'

describe('the pace of what is news all the time', () => {
  let pace: Pace
  let woken: { readonly key: string; readonly at: number }[]
  beforeEach(() => {
    jest.useFakeTimers({ now: 10_000 })
    woken = []
    pace = createPace({ everyMs: 200, apartMs: 20, longestMs: 1_000 }, Date.now, (key) => {
      woken.push({ key, at: Date.now() })
    })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  const pass = (ms: number) => jest.advanceTimersByTime(ms)
  const times = () => woken.map(({ at }) => at)
  const busy = (count: number) => {
    const keys = Array.from({ length: count }, (_, n) => `incident ${n}`)
    for (const key of keys) pace.news(key)
    woken = []
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

  it('lets no incident wait for another that has been quiet', () => {
    busy(100)
    pace.news('quiet')
    expect(woken).toEqual([{ key: 'quiet', at: 10_000 }])
  })

  it('gives each of many a turn of its own', () => {
    const keys = busy(20)
    pass(2_000)
    expect(woken).toEqual(keys.map((key, n) => ({ key, at: 10_200 + 20 * n })))
  })

  it('makes nobody wait longer than that, however many there are', () => {
    busy(500)
    pass(1_000)
    expect(woken).toHaveLength(500)
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
