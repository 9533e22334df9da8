import { describe, expect, it } from '@jest/globals'
import { createPace } from '../../src/pipeline/pace.ts'

function aPace() {
  let now = 10_000
  const pace = createPace({ everyMs: 200, apartMs: 20, longestMs: 1_000 }, () => now)
  return { pace, at: (time: number) => (now = time) }
}

describe('the pace of what is news all the time', () => {
  it('looks at the first news at once, and at what follows together', () => {
    const { pace, at } = aPace()
    expect(pace.nextAt('a')).toBe(10_000)
    pace.looking('a')
    at(10_050)
    expect(pace.nextAt('a')).toBe(10_200)
    at(10_150)
    expect(pace.nextAt('a')).toBe(10_200)
    at(11_000)
    expect(pace.nextAt('a')).toBe(11_000)
  })

  it('lets no incident wait for another that has been quiet', () => {
    const { pace } = aPace()
    for (let n = 0; n < 100; n += 1) {
      pace.looking(`busy ${n}`)
      pace.nextAt(`busy ${n}`)
    }
    expect(pace.nextAt('quiet')).toBe(10_000)
  })

  it('gives each of many a turn of its own, and the same one until it is taken', () => {
    const { pace, at } = aPace()
    const keys = Array.from({ length: 20 }, (_, n) => `incident ${n}`)
    for (const key of keys) pace.looking(key)
    const turns = keys.map((key) => pace.nextAt(key))
    expect(turns).toEqual(keys.map((_, n) => 10_200 + 20 * n))
    at(10_100)
    expect(keys.map((key) => pace.nextAt(key))).toEqual(turns)
    expect(pace.isPlanned('incident 0')).toBe(true)
    at(10_200)
    expect(pace.isPlanned('incident 0')).toBe(false)
    pace.looking('incident 0')
    expect(pace.nextAt('incident 0')).toBe(10_600)
  })

  it('makes nobody wait longer than that, however many there are', () => {
    const { pace } = aPace()
    const keys = Array.from({ length: 500 }, (_, n) => `incident ${n}`)
    for (const key of keys) pace.looking(key)
    expect(Math.max(...keys.map((key) => pace.nextAt(key)))).toBe(11_000)
  })

  it('makes nobody wait for long when the clock is set back', () => {
    const { pace, at } = aPace()
    pace.looking('a')
    pace.nextAt('a')
    at(1_000)
    expect(pace.nextAt('a')).toBeLessThanOrEqual(2_000)
  })

  it('forgets what it looked at long ago, and not what it has just looked at', () => {
    const { pace, at } = aPace()
    for (let n = 0; n < 1_000; n += 1) pace.looking(`old ${n}`)
    at(10_199)
    pace.looking('new')
    for (let n = 0; n < 5; n += 1) pace.looking(`newer ${n}`)
    expect(pace.nextAt('new')).toBe(10_399)
    expect(pace.nextAt('old 999')).toBeGreaterThanOrEqual(10_200)
    expect(pace.isPlanned('new')).toBe(true)
  })
})
