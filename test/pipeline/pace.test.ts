import { describe, expect, it } from '@jest/globals'
import { createPace } from '../../src/pipeline/pace.ts'

function aPace() {
  let now = 10_000
  const pace = createPace(200, () => now)
  return { pace, at: (time: number) => (now = time) }
}

describe('the pace of what is news all the time', () => {
  it('looks at the first news at once, and at what follows together', () => {
    const { pace, at } = aPace()
    expect(pace.nextAt('a')).toBe(10_000)
    pace.looking('a')
    at(10_050)
    expect(pace.nextAt('a')).toBe(10_200)
    at(10_500)
    expect(pace.nextAt('a')).toBe(10_500)
  })

  it('lets no incident wait for another', () => {
    const { pace } = aPace()
    pace.looking('a')
    expect(pace.nextAt('b')).toBe(10_000)
  })

  it('makes nobody wait for long when the clock is set back', () => {
    const { pace, at } = aPace()
    pace.looking('a')
    at(1_000)
    expect(pace.nextAt('a')).toBe(1_200)
  })

  it('forgets what it looked at long ago, and not what it has just looked at', () => {
    const { pace, at } = aPace()
    for (let n = 0; n < 1_000; n += 1) pace.looking(`old ${n}`)
    at(10_199)
    pace.looking('new')
    for (let n = 0; n < 5; n += 1) pace.looking(`newer ${n}`)
    expect(pace.nextAt('new')).toBe(10_399)
    expect(pace.nextAt('old 999')).toBe(10_200)
  })
})
