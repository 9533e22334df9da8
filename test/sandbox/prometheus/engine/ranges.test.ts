import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { aStore, everyQuarterMinute, vectorAt } from './asked.ts'

const values = (text: string, atMs: number, generation: 2 | 3, ...given: number[]): string[] =>
  vectorAt(aStore(everyQuarterMinute(...given)), text, atMs, generation).map(({ value }) => value)

describe('the edges of ranges in Prometheus 2 and 3', () => {
  it.each([
    ['count_over_time(m[30s])', 60_000, '3', '2'],
    ['count_over_time(m[30s:15s])', 60_000, '3', '2'],
    ['m', 60_000 + 300_000, '5', undefined],
    ['m', 60_000 + 299_999, '5', '5'],
    ['increase(m[30s])', 60_000, '2', '2'],
  ])('%s at %d ms: %p and %p', (text, atMs, second, third) => {
    expect(values(text, atMs, 2, 1, 2, 3, 4, 5)).toEqual([second])
    expect(values(text, atMs, 3, 1, 2, 3, 4, 5)).toEqual(third === undefined ? [] : [third])
  })

  // 3 → 6 → 9 from 100 s on: zero lies 15 s before the first sample, further back than half an interval.
  it('a counter that begins inside the range reaches back to zero in 2, but not beyond half an interval in 3', () => {
    const samples = [3, 6, 9].map((value, index) => [100_000 + index * 15_000, value] as const)
    const store = aStore({ labels: { __name__: 'm' }, samples })
    expect(vectorAt(store, 'increase(m[2m])', 130_000, 2)[0]?.value).toBe('9')
    expect(vectorAt(store, 'increase(m[2m])', 130_000, 3)[0]?.value).toBe('7.5')
  })
})

describe('counters', () => {
  it('a restart counts from zero', () => {
    expect(values('increase(m[1m])', 60_000, 2, 10, 20, 5, 10, 15)).toEqual(['25'])
  })

  it.each(['rate', 'increase', 'irate', 'resets'])('%s is never negative', (name) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e15, noNaN: true }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 0, max: 900_000 }),
        fc.constantFrom(2 as const, 3 as const),
        (given, atMs, generation) => {
          for (const value of values(`${name}(m[5m])`, atMs, generation, ...given))
            expect(Number(value)).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

describe('least squares', () => {
  it('finds the slope and the future of a straight line', () => {
    const line = Array.from({ length: 40 }, (_, index) => 100 + index * 30)
    expect(Number(values('deriv(m[5m])', 585_000, 2, ...line)[0])).toBeCloseTo(2, 9)
    expect(Number(values('predict_linear(m[5m], 3600)', 585_000, 2, ...line)[0])).toBeCloseTo(1270 + 7200, 6)
  })

  it('needs two samples', () => {
    expect(values('deriv(m[5m])', 0, 2, 7)).toEqual([])
  })
})
