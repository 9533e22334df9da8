import { describe, expect, it } from '@jest/globals'
import { ageText } from '../../../src/sandbox/kubernetes/http/printed-text.ts'
import { parseQuantity } from '../../../src/sandbox/kubernetes/quantity.ts'

describe('a quantity', () => {
  it.each([
    ['128974848', 128974848],
    ['129e6', 129e6],
    ['129M', 129e6],
    ['123Mi', 128974848],
    ['1.5Gi', 1610612736],
    ['250m', 0.25],
    ['2', 2],
    ['1E', 1e18],
    ['1E3', 1000],
    ['', undefined],
    ['5 Gi', undefined],
    ['Gi', undefined],
    ['5gb', undefined],
  ])('%s is %s', (text, value) => {
    expect(parseQuantity(text)).toBe(value)
  })
})

describe('an age', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [310, '5m10s'],
    [3600, '60m'],
    [4 * 3600 + 600, '4h10m'],
    [30 * 3600, '30h'],
    [3 * 86400 + 7200, '3d2h'],
    [30 * 86400, '30d'],
    [800 * 86400, '2y'],
  ])('of %s seconds is printed as %s', (seconds, text) => {
    const now = Date.parse('2024-05-01T00:00:00Z')
    expect(ageText(new Date(now - seconds * 1000).toISOString(), now)).toBe(text)
  })
})
