import { describe, expect, it } from '@jest/globals'
import { SeriesStore } from '../../../../src/sandbox/prometheus/engine/series-store.ts'

describe('the series store', () => {
  it('takes an empty label for an absent one', () => {
    const store = new SeriesStore()
    store.append({ __name__: 'm', a: '' }, 1, 1)
    store.append({ __name__: 'm' }, 2, 2)
    expect(store.all()).toEqual([{ labels: { __name__: 'm' }, timesMs: [1, 2], values: [1, 2] }])
  })

  it.each([
    ['no name', { a: 'b' }, 1],
    ['a malformed name', { __name__: '1m' }, 1],
    ['a malformed label', { __name__: 'm', 'a-b': 'c' }, 1],
    ['part of a millisecond', { __name__: 'm' }, 1.5],
    ['the time of the last sample again', { __name__: 'known' }, 10],
    ['an earlier time', { __name__: 'known' }, 9],
  ])('refuses %s', (_what, labels, atMs) => {
    const store = new SeriesStore()
    store.append({ __name__: 'known' }, 10, 1)
    expect(() => store.append(labels as Record<string, string>, atMs, 1)).toThrow(RangeError)
  })
})
