import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { aStore, type GivenSeries, vectorAt } from './asked.ts'

const someSeries: fc.Arbitrary<GivenSeries[]> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.double()), { maxLength: 30 })
  .map((rows) =>
    rows.map(([group, value], index) => ({
      labels: { __name__: 'm', group, id: String(index) },
      samples: [[0, value]],
    })),
  )

describe('topk and bottomk', () => {
  it.each(['topk', 'bottomk'])('%s keeps at most k of each group, and as many as there are', (name) => {
    fc.assert(
      fc.property(someSeries, fc.integer({ min: -2, max: 12 }), (given, k) => {
        const store = aStore(...given)
        const kept = vectorAt(store, `count by (group) (${name} by (group) (${k}, m))`, 0)
        const all = vectorAt(store, 'count by (group) (m)', 0)
        const expected = all
          .map(({ metric, value }) => ({ metric, value: String(Math.min(Number(value), Math.max(0, k))) }))
          .filter(({ value }) => value !== '0')
        expect(new Set(kept.map((one) => JSON.stringify(one)))).toEqual(
          new Set(expected.map((one) => JSON.stringify(one))),
        )
      }),
    )
  })

  it('topk holds nothing that is smaller than what it left out', () => {
    fc.assert(
      fc.property(someSeries, fc.integer({ min: 1, max: 5 }), (given, k) => {
        const store = aStore(...given.filter(({ samples }) => !Number.isNaN(samples[0]?.[1])))
        const least = Math.min(
          ...vectorAt(store, `topk(${k}, m)`, 0).map(({ value }) => Number(value.replace('Inf', 'Infinity'))),
        )
        const above = vectorAt(store, 'm', 0).filter(({ value }) => Number(value.replace('Inf', 'Infinity')) > least)
        expect(above.length).toBeLessThanOrEqual(k)
      }),
    )
  })
})

describe('labels that JavaScript objects know too', () => {
  it('are ordinary labels', () => {
    const labels = Object.fromEntries([
      ['__name__', 'm'],
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ])
    const store = aStore({ labels, samples: [[0, 1]] }, { labels: { __name__: 'm' }, samples: [[0, 2]] })
    expect(vectorAt(store, 'sum by (constructor, toString) (m{constructor="x"})', 0)).toEqual([
      { metric: { constructor: 'x' }, value: '1' },
    ])
    expect(vectorAt(store, 'm{constructor="",__proto__=""}', 0)).toEqual([{ metric: { __name__: 'm' }, value: '2' }])
    expect(vectorAt(store, 'm{__proto__="y"}', 0)).toHaveLength(1)
  })
})
