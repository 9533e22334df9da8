import { describe, expect, it } from '@jest/globals'
import { PromqlError } from '../../../../src/sandbox/prometheus/promql/errors.ts'
import { compileRegex } from '../../../../src/sandbox/prometheus/promql/re2.ts'

describe('regular expressions', () => {
  it.each([
    ['a|b', 'b', true],
    ['a|b', 'ab', false],
    ['pod-\\d+', 'pod-12', true],
    ['(?i)POD', 'pod', true],
    ['(?s)a.b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['(?P<x>a)+', 'aaa', true],
    ['\\.\\*\\\\', '.*\\', true],
    ['[a-c]{2,3}', 'abc', true],
    ['', 'a', false],
  ])('%s on %j: %p, always the whole value', (source, value, expected) => {
    expect(compileRegex(source).test(value)).toBe(expected)
  })

  it.each([
    ['(', 'bad_data'],
    ['a(?=b)', 'bad_data'],
    ['a(?!b)', 'bad_data'],
    ['(?<=a)b', 'bad_data'],
    ['(a)\\1', 'bad_data'],
    ['a**', 'bad_data'],
    ['a++', 'bad_data'],
    ['a{1001}', 'bad_data'],
    ['a\\', 'bad_data'],
    ['[[:alpha:]]', 'execution'],
    ['\\pL', 'execution'],
    ['\\Qa\\E', 'execution'],
    ['a(?i)b', 'execution'],
    ['a\\z', 'execution'],
  ])('%s is refused as %s', (source, errorType) => {
    expect(() => compileRegex(source)).toThrow(PromqlError)
    expect(() => compileRegex(source)).toThrow(expect.objectContaining({ errorType }))
  })
})
