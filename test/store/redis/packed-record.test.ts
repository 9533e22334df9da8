import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { packed, unpacked } from '../../../src/store/redis/packed-record.ts'

describe('a packed record', () => {
  it('is read as it was written, short or long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 5_000 }), (text) => {
        const json = JSON.stringify({ text })
        expect(unpacked(packed(json))).toBe(json)
      }),
    )
  })

  it('is plain JSON while it is short, for people who look into Redis', () => {
    expect(packed('{"id":"pd-Q1"}')).toBe('{"id":"pd-Q1"}')
  })

  it('takes less than half where it is long', () => {
    const points = Array.from({ length: 360 }, (_, index) => [1_795_820_766_636 + index * 60_000, 1e9 + index * 2e6])
    const json = JSON.stringify({ points })
    expect(packed(json).length).toBeLessThan(json.length / 2)
  })
})
