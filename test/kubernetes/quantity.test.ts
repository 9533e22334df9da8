import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseQuantity } from '../../src/kubernetes/quantity.ts'

describe('a quantity', () => {
  it.each<[string, number]>([
    ['0', 0],
    ['32G', 32e9],
    ['32Gi', 32 * 2 ** 30],
    ['5557452Ki', 5557452 * 1024],
    ['128974848', 128974848],
    ['129e6', 129e6],
    ['1E3', 1000],
    ['1E', 1e18],
    ['2Ei', 2 * 2 ** 60],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['.5', 0.5],
    ['5.', 5],
    ['123M', 123e6],
    ['100m', 0.1],
    ['128974848000m', 128974848],
    ['7u', 7e-6],
    ['+1k', 1000],
    ['-1Ki', -1024],
  ])('%s is %d', (text, value) => expect(parseQuantity(text)).toBeCloseTo(value, 6))

  it.each([
    '',
    ' ',
    '32GB',
    '32 Gi',
    'Gi',
    '1.2.3',
    '1e',
    '1e+',
    '0x10',
    'NaN',
    'Infinity',
    '1K',
    '1gi',
    'constructor',
    '1constructor',
    '1,5G',
    '--1',
  ])('%j is none', (text) => expect(parseQuantity(text)).toBeUndefined())

  it('is none where there is none', () => expect(parseQuantity(undefined)).toBeUndefined())

  it('is a number or nothing, whatever stands there', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+-]?[\d.]{0,5}[a-zA-Z]{0,3}$/)), (text) => {
        const value = parseQuantity(text)
        expect(value === undefined || Number.isFinite(value)).toBe(true)
      }),
    )
  })
})
