import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatFact, formatHours } from '../../src/domain/finding.ts'
import { formatAgo, formatBytes, formatMoment, formatShare, threeDigits } from '../../src/domain/units.ts'
import { NOW } from '../builders.ts'

const FACTOR = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** What a text of ours means, read back. */
function bytesIn(text: string): number {
  const [, amount, unit] = /^(-?[\d.]+) (\w+)$/.exec(text) ?? []
  // A unit that is not in the table makes NaN, which no expectation accepts.
  return Number(amount) * (FACTOR[unit as keyof typeof FACTOR] ?? Number.NaN)
}

const finite = fc.double({ min: -9e14, max: 9e14, noNaN: true })

describe('bytes', () => {
  it.each<[number, string, string]>([
    [0, '0 B', '0 B'],
    [-0.2, '0 B', '0 B'],
    [512, '512 B', '512 B'],
    [999.6, '1 kB', '1000 B'],
    [999_960_000, '1 GB', '954 MiB'],
    [999_400_000, '999 MB', '953 MiB'],
    [820_000_000, '820 MB', '782 MiB'],
    [31.2e9, '31.2 GB', '29.1 GiB'],
    [32e9, '32 GB', '29.8 GiB'],
    [32 * 2 ** 30, '34.4 GB', '32 GiB'],
    [1023 * 2 ** 20, '1.07 GB', '1023 MiB'],
    [1023.9 * 2 ** 20, '1.07 GB', '1 GiB'],
    [-2.5e9, '-2.5 GB', '-2.33 GiB'],
    [4e15, '4000 TB', '3638 TiB'],
  ])('%d are written "%s" and "%s"', (bytes, decimal, binary) => {
    expect([formatBytes(bytes, 'decimal'), formatBytes(bytes, 'binary')]).toEqual([decimal, binary])
  })

  it('lose no more than half of the last of three digits', () => {
    fc.assert(
      fc.property(finite, fc.constantFrom('decimal' as const, 'binary' as const), (bytes, units) => {
        const read = bytesIn(formatBytes(bytes, units))
        expect(Math.abs(read - bytes)).toBeLessThanOrEqual(Math.max(0.5, Math.abs(bytes) * 0.0051))
      }),
    )
  })

  it('keep their order, except where both are written the same', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        expect(bytesIn(formatBytes(less, 'decimal'))).toBeLessThanOrEqual(bytesIn(formatBytes(more, 'decimal')))
      }),
    )
  })

  it('never have four digits before the unit where a larger unit exists', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 9.9e14, noNaN: true }), (bytes) => {
        expect(formatBytes(bytes, 'decimal')).not.toMatch(/\d{4}/)
      }),
    )
  })
})

describe('other figures', () => {
  it.each<[number, string]>([
    [0, 'less than 1 min'],
    [-1, 'less than 1 min'],
    [0.016, 'less than 1 min'],
    [1 / 60, '1 min'],
    [8 / 60, '8 min'],
    [1.65, '99 min'],
    [1.7, '1.7 h'],
    [3.8, '3.8 h'],
    [47.94, '47.9 h'],
    [48, '2 days'],
    [330, '14 days'],
  ])('%d hours are "%s"', (hours, text) => expect(formatHours(hours)).toBe(text))

  it('hours are off by less than a third of a day, and by less than 1 % below two days', () => {
    const unit = { min: 1 / 60, h: 1, days: 24 }
    fc.assert(
      fc.property(fc.double({ min: 1, max: 400, noNaN: true }), (hours) => {
        const [, amount, name] = /^([\d.]+) (min|h|days)$/.exec(formatHours(hours)) ?? []
        const read = Number(amount) * (unit[name as keyof typeof unit] ?? Number.NaN) // NaN fails below
        expect(Math.abs(read - hours)).toBeLessThanOrEqual(hours < 48 ? hours * 0.01 : 12)
      }),
    )
  })

  it.each<[number, string]>([
    [0.12345, '0.123'],
    [99.94, '99.9'],
    [99.95, '100'],
    [1234.5, '1235'],
    [-1234.5, '-1235'],
    [-0.5, '-0.5'],
    [1e-9, '0'],
    [-1e-9, '0'],
  ])('%d in three digits is "%s"', (value, text) => expect(threeDigits(value)).toBe(text))

  it.each<[number, string]>([
    [0.975, '97.5 %'],
    [1, '100 %'],
    [0.0812, '8.12 %'],
  ])('a share of %d is "%s"', (share, text) => expect(formatShare(share)).toBe(text))

  it.each<[number, string]>([
    [NOW, '03:42 UTC'],
    [NOW + 2 * 3_600_000, '05:42 UTC'],
    [NOW + 3 * 86_400_000, '18 Mar 03:42 UTC'],
    [NOW - 86_400_000, '14 Mar 03:42 UTC'],
  ])('a moment far away carries its date', (at, text) => expect(formatMoment(at, NOW)).toBe(text))

  it.each([
    [-5_000, '0 s ago'],
    [12_400, '12 s ago'],
    [99_000, '99 s ago'],
    [4 * 60_000, '4 min ago'],
    [99 * 60_000, '99 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [72 * 3_600_000, '3 days ago'],
  ])('a moment that lies %i ms back is %s', (back, text) => expect(formatAgo(NOW - back, NOW)).toBe(text))

  it.each([
    ['bytesPerHour', 2.3e9, '2.3 GB/h'],
    ['bytesPerDeploy', 498e6, '498 MB per deploy'],
    ['count', 46.6, '47'],
    ['perHour', 12.703, '12.7/h'],
    ['share', 0.975, '97.5 %'],
    ['hours', 0.13, '8 min'],
    ['time', NOW, '03:42 UTC'],
    ['text', 'inference-prod-3', 'inference-prod-3'],
  ] as const)('a fact in %s is written with its unit', (unit, value, text) => {
    expect(formatFact({ id: 'x', label: 'X', value, unit }, 'decimal')).toBe(text)
  })
})
