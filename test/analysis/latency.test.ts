import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { latencySignal, latencyWithMemory, spearman, swapping } from '../../src/analysis/latency.ts'

const points = (values: readonly number[]) => values.map((value, index) => [index * 60_000, value] as const)
const rising = Array.from({ length: 40 }, (_, i) => i)

describe('the rank correlation', () => {
  it.each([
    ['rises together, however sharply it bends', rising.map((x) => x ** 8), 1],
    ['falls as the other rises', rising.map((x) => -(x ** 3)), -1],
  ])('of what %s is %3$d', (_what, other, expected) => {
    expect(spearman(points(rising), points(other))).toBeCloseTo(expected, 12)
  })

  it.each([
    ['of what does not change', rising, rising.map(() => 5)],
    ['of fewer than twenty pairs', rising.slice(0, 19), rising],
  ])('is unknown %s', (_what, one, other) => {
    expect(spearman(points(one), points(other))).toBeUndefined()
  })

  it('gives ties their mean rank', () => {
    // By hand: ranks of [1, 1, 2, 2] are [0.5, 0.5, 2.5, 2.5] against [0, 1, 2, 3]: 4 / √(4 · 5); ten times over it stays that.
    const many = (values: readonly number[]) => points(Array.from({ length: 10 }, () => values).flat())
    expect(spearman(many([1, 1, 2, 2]), many([1, 2, 3, 4]))).toBeCloseTo(4 / Math.sqrt(20), 12)
  })

  it('uses only moments that both have', () => {
    const shifted = points(rising).map(([at, value]) => [at + 30_000, value] as const)
    expect(spearman(points(rising), shifted)).toBeUndefined()
  })

  it('is symmetric, between -1 and 1, and the same in any unit', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 20, maxLength: 40 })
    fc.assert(
      fc.property(values, values, fc.double({ min: 0.001, max: 1e9, noNaN: true }), (a, b, unit) => {
        const rho = spearman(points(a), points(b))
        expect(spearman(points(b), points(a)) ?? 9).toBeCloseTo(rho ?? 9, 9)
        expect(spearman(points(a.map((x) => x * unit)), points(b)) ?? 9).toBeCloseTo(rho ?? 9, 9)
        expect(Math.abs(rho ?? 0)).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })
})

it.each([
  ['climbs by half', rising.map((x) => 100 + x), 1],
  ['ripples by 4 %', rising.map((x) => 1000 + x), undefined],
])('latency is compared with memory that %s', (_what, memory, expected) => {
  const found = latencyWithMemory(points(rising), points(memory))
  expect(found === undefined ? undefined : Math.round(found * 1e9) / 1e9).toBe(expected)
})

it.each([
  [false, 0.99, 'p99_normal'],
  [true, 0.6, 'p99_up_with_memory'],
  [true, 0.59, 'p99_up'],
  [true, undefined, 'p99_up'],
] as const)('latency that is up (%s) at a correlation of %s is %s', (isUp, correlation, signal) => {
  expect(latencySignal(isUp, correlation)).toBe(signal)
})

describe('swap', () => {
  it.each([
    ['rises', [0, 0, 100, 200, 400, 500], true],
    ['lies there', [500, 500, 500, 500, 500, 500], false],
    ['moves a little', [500, 501, 502, 503, 504, 505], false],
    ['is freed', [500, 400, 300, 200, 100, 0], false],
    ['is empty', [0, 0, 0, 0, 0, 0], false],
  ])('that %s is rising: %3$s', (_what, mib, isRising) => {
    expect(swapping(points(mib.map((one) => one * 2 ** 20)))?.isRising).toBe(isRising)
  })

  it('of less than a MiB is nothing', () => {
    expect(swapping(points([0, 0, 0, 1e6, 1e6, 1e6]))).toMatchObject({ isRising: false })
  })

  it('is unknown without points', () => {
    expect(swapping([])).toBeUndefined()
  })
})
