import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Point, thin } from '../../../src/slack/chart/thin.ts'

const series = fc
  .array(fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: undefined }), { minLength: 1, maxLength: 400 })
  .map((values) => values.map((value, at): Point => [at, value]))

describe('thin', () => {
  it('leaves a series alone that the picture can show', () => {
    const points: Point[] = [
      [0, 1],
      [5, undefined],
      [9, 2],
    ]
    expect(thin(points, 0, 10, 420)).toBe(points)
  })

  it('keeps the lowest, the highest and the last value, in order of time, with two points per column', () => {
    fc.assert(
      fc.property(series, (points) => {
        const thinned = thin(points, 0, points.length, 10)
        const values = points.flatMap(([, value]) => (value === undefined ? [] : [value]))
        const kept = thinned.flatMap(([, value]) => (value === undefined ? [] : [value]))
        expect(Math.min(...kept)).toBe(Math.min(...values))
        expect(Math.max(...kept)).toBe(Math.max(...values))
        expect(kept.at(-1)).toBe(values.at(-1))
        expect(thinned.map(([at]) => at)).toEqual(thinned.map(([at]) => at).sort((a, b) => a - b))
        expect(thinned.length).toBeLessThanOrEqual(31)
      }),
    )
  })

  it('keeps a gap of several columns and drops one within a column', () => {
    const points = Array.from(
      { length: 1000 },
      (_, at): Point => [at, (at > 300 && at < 500) || at === 755 ? undefined : 7],
    )
    const gaps = thin(points, 0, 1000, 100).filter(([, value]) => value === undefined)
    expect(gaps).toHaveLength(1)
    expect(gaps[0]?.[0]).toBeGreaterThan(300)
    expect(gaps[0]?.[0]).toBeLessThan(500)
  })
})
