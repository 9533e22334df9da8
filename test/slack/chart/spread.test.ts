import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { spread } from '../../../src/slack/chart/spread.ts'

const anItem = fc.record({
  at: fc.integer({ min: -100, max: 900 }),
  size: fc.integer({ min: 1, max: 60 }),
  weight: fc.constantFrom(1, 10, 1000),
})

describe('spread', () => {
  it('leaves items where they are when nothing is in the way', () => {
    const items = [
      { at: 200, size: 20, weight: 1 },
      { at: 50, size: 20, weight: 1 },
    ]
    expect(spread(items, 0, 300)).toEqual([200, 50])
  })

  it('moves two equal items apart by the same distance', () => {
    const items = [
      { at: 100, size: 20, weight: 1 },
      { at: 100, size: 20, weight: 1 },
    ]
    expect(spread(items, 0, 300)).toEqual([90, 110])
  })

  it('moves the light item and hardly the heavy one', () => {
    const items = [
      { at: 100, size: 20, weight: 1000 },
      { at: 105, size: 20, weight: 1 },
    ]
    const [heavy = 0, light = 0] = spread(items, 0, 300)
    expect(heavy).toBeCloseTo(100, 1)
    expect(light).toBeCloseTo(120, 1)
  })

  it('never lets items overlap, and keeps them within the bounds when they fit', () => {
    fc.assert(
      fc.property(fc.array(anItem, { minLength: 1, maxLength: 12 }), (items) => {
        const middles = spread(items, 0, 800)
        const edges = items
          .map(({ size }, index) => [(middles[index] ?? 0) - size / 2, (middles[index] ?? 0) + size / 2] as const)
          .sort(([a], [b]) => a - b)
        for (const [index, [start]] of edges.entries()) {
          expect(start).toBeGreaterThanOrEqual((edges[index - 1]?.[1] ?? 0) - 1e-6)
        }
        expect(edges.at(-1)?.[1]).toBeLessThanOrEqual(800 + 1e-6)
      }),
    )
  })
})
