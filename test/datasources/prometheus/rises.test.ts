import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { risesOf } from '../../../src/datasources/prometheus/rises.ts'

const points = (...values: number[]) => values.map((value, index) => [index * 10, value] as const)
const times = (...values: number[]) => risesOf(points(...values)).records.map(({ at }) => at)

describe('the rises of a counter', () => {
  it.each<[string, number[], number[]]>([
    ['nothing', [], []],
    ['one point, of which nobody knows when it rose', [7], []],
    ['a level counter', [3, 3, 3], []],
    ['one rise', [3, 4, 4], [10]],
    ['two rises in one step', [3, 5], [10, 10]],
    ['a restart from nothing', [9, 0, 1], [20]],
    ['a restart with deploys before the next look', [9, 2], [10, 10]],
    ['a sum that lost one of four parts', [40, 30, 31], [20]],
    ['a rate-like counter that rises by less than one', [1, 1.2, 1.9], [20]],
  ])('of %s', (_, values, at) => expect(times(...values)).toEqual(at))

  it('says when a sum lost parts, because deploys at that moment may be missing', () => {
    expect(risesOf(points(40, 30, 31, 25)).partialFalls).toBe(2)
    expect(risesOf(points(40, 0, 1)).partialFalls).toBe(0)
  })

  it('does not take a counter of bytes for deploys', () => {
    expect(risesOf(points(0, 5e9)).records).toHaveLength(1_000)
  })

  it('add up to the increase of a counter that only rises, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 50 }), (steps) => {
        let level = 0
        const values = [0, ...steps].map((step) => (level += step))
        const found = times(...values)
        expect(found).toHaveLength(level)
        expect(found).toEqual([...found].sort((a, b) => a - b))
      }),
    )
  })
})
