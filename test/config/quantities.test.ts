import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseDuration, parseSize } from '../../src/config/quantities.ts'

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['500ms', 500],
    ['1m500ms', 60_500],
    ['366d', 366 * 86_400_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '0s', '5', 'm', '-5m', '5 m', '5M', '1.5h', '30m1h', '5m5m', '367d', '9999999h', '5m\n', 'Infinityh'])(
    'does not take %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined()
    },
  )

  it('adds the parts up, whichever are given', () => {
    const part = fc.nat({ max: 59 })
    fc.assert(
      fc.property(part, part, part, (hours, minutes, seconds) => {
        const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000
        expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(ms === 0 ? undefined : ms)
      }),
    )
  })
})

describe('sizes', () => {
  it.each([
    ['32GB', 32e9],
    ['32GiB', 32 * 2 ** 30],
    ['512MiB', 512 * 2 ** 20],
    ['512 MB', 512e6],
    ['1.5TiB', 1.5 * 2 ** 40],
    ['64kB', 64_000],
    ['64KiB', 65_536],
    ['1B', 1],
  ])('reads %s as %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', '0GB', '32', '32G', '32Gi', '32gb', '-1GB', 'GB', '1e3GB', '32GBs', '0.1B', '999999999PiB', '32  GB'])(
    'does not take %j',
    (text) => {
      expect(parseSize(text)).toBeUndefined()
    },
  )
})
