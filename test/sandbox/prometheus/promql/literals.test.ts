import { describe, expect, it } from '@jest/globals'
import { parseDurationMs, parseNumber, parseString } from '../../../../src/sandbox/prometheus/promql/literals.ts'

describe('durations', () => {
  it.each([
    ['5m', 300_000],
    ['1y2w3d4h5m6s7ms', 31_536_000_000 + 1_209_600_000 + 259_200_000 + 14_400_000 + 300_000 + 6007],
    ['0s', 0],
    ['', undefined],
    ['5', undefined],
    ['5m1h', undefined],
    ['5m5m', undefined],
    ['1.5h', undefined],
    ['-5m', undefined],
  ])('%j is %p ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected)
  })
})

describe('numbers', () => {
  it.each([
    ['1', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['0x1F', 31],
    ['017', 15],
    ['08', 8],
    ['Inf', Number.POSITIVE_INFINITY],
    ['nan', Number.NaN],
    ['1e999', undefined],
    ['1_000', undefined],
    ['x', undefined],
  ])('%s is %p', (text, expected) => {
    expect(parseNumber(text)).toBe(expected)
  })
})

describe('strings', () => {
  it.each([
    ['"a"', 'a'],
    ['\'a "b"\'', 'a "b"'],
    ['"\\n\\t\\x41\\101\\u00fc\\U0001F600\\\\"', '\n\tAAü😀\\'],
    ['`raw \\n\n`', 'raw \\n\n'],
    ['"open', undefined],
    ['"', undefined],
    ['"\\q"', undefined],
    ['"\\\'"', undefined],
    ['"line\nbreak"', undefined],
    ['"\\UFFFFFFFF"', undefined],
  ])('%s is %j', (text, expected) => {
    expect(parseString(text)).toBe(expected)
  })
})
