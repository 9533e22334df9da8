import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  disappearances,
  isLoop,
  killsPerHour,
  levelAt,
  levelAtKills,
  mergeKills,
  risesAt,
} from '../../src/analysis/kills.ts'

const MINUTE_MS = 60_000
const NOW = 1_000 * MINUTE_MS
const minutesAgo = (...minutes: number[]) => minutes.map((one) => NOW - one * MINUTE_MS)
const killsOf = (replica: string, ...minutes: number[]) => minutesAgo(...minutes).map((at) => ({ replica, at }))

describe('rises of a counter', () => {
  const counter = (...values: number[]) => values.map((value, index) => [index, value] as const)

  it.each([
    ['none', counter(3, 3, 3), []],
    ['one', counter(3, 4, 4), [1]],
    ['two at once', counter(3, 5), [1, 1]],
    ['a reset that begins at nothing', counter(3, 0, 1), [2]],
    ['a reset that has risen already', counter(3, 2), [1, 1]],
    ['of one sample', counter(7), []],
    ['of nothing', [], []],
  ])('are found: %s', (_what, points, times) => {
    expect(risesAt(points)).toEqual(times)
  })

  it('add up to what PromQL’s increase() would count', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), (values) => {
        const increase = values
          .slice(1)
          .reduce((sum, v, i) => sum + (v >= (values[i] ?? 0) ? v - (values[i] ?? 0) : v), 0)
        expect(risesAt(counter(...values))).toHaveLength(increase)
      }),
    )
  })
})

describe('kills', () => {
  it('that two accounts know of count once, and those that one knows of count', () => {
    const counted = killsOf('a', 30, 10)
    const terminated = [...killsOf('a', 11), ...killsOf('b', 11), ...killsOf('a', 20)]
    expect(mergeKills(counted, terminated)).toEqual([...killsOf('a', 30, 20), ...killsOf('b', 11), ...killsOf('a', 10)])
  })

  it.each([
    ['three of one pod in an hour', killsOf('a', 50, 30, 10), 10, true],
    ['three of three pods in an hour', [...killsOf('a', 50), ...killsOf('b', 30), ...killsOf('c', 10)], 10, false],
    [
      'three for each replica that there is, under ever new names',
      killsOf('a', 40).concat(killsOf('b', 30), killsOf('c', 20)),
      1,
      true,
    ],
    ['three over a day', killsOf('a', 900, 500, 10), 10, false],
    ['three last night', killsOf('a', 500, 490, 480), 10, false],
    ['none', [], 0, false],
  ])('are a loop or not: %s', (_what, kills, replicas, expected) => {
    expect(isLoop(kills, replicas, NOW)).toBe(expected)
  })

  it.each([
    [[120, 60, 30, 1], 2],
    [[6], 1],
    [[], 0],
  ])('%j minutes ago are %d per hour', (minutes, perHour) => {
    expect(killsPerHour(killsOf('a', ...minutes), NOW)).toBe(perHour)
  })
})

describe('the level at a kill', () => {
  const points = [1, 2, 3, 4, 5, 9, 1, 2, 3, 4, 5, 6].map((value, minute) => [minute * MINUTE_MS, value] as const)

  it('is the highest of the last minutes, not of the life before or of the process after', () => {
    expect(levelAt(points, 5 * MINUTE_MS)).toBe(9)
    expect(levelAt(points, 4.5 * MINUTE_MS)).toBe(5)
    expect(levelAt(points, 11 * MINUTE_MS)).toBe(6)
  })

  it('is unknown where there are no samples', () => {
    expect(levelAt(points, 60 * MINUTE_MS)).toBeUndefined()
    expect(levelAt(undefined, 0)).toBeUndefined()
    expect(levelAtKills([{ replica: 'b', at: 0 }], new Map([['a', points]]))).toBeUndefined()
  })

  it('comes with its range over the kills', () => {
    const kills = [1, 3, 5].map((minute) => ({ replica: 'a', at: minute * MINUTE_MS }))
    expect(levelAtKills(kills, new Map([['a', points]]))).toEqual({ typical: 4, range: { low: 2, high: 9 } })
  })
})

it('sees a replica disappear in a gap and at its end, but not while it reports', () => {
  const series = new Map([
    ['gone', minutesAgo(30, 29, 28).map((at) => [at, 1] as const)],
    [
      'back',
      minutesAgo(30, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0).map(
        (at) => [at, 1] as const,
      ),
    ],
    ['there', minutesAgo(4, 3, 2).map((at) => [at, 1] as const)],
  ])
  expect(disappearances(series, NOW, MINUTE_MS)).toEqual([...killsOf('gone', 28), ...killsOf('back', 30)])
})
