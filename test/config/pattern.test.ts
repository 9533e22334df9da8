import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { patternProblem, readPattern } from '../../src/config/pattern.ts'

describe('patterns on text from outside', () => {
  it.each([
    ['[Mm]emory|MEMORY|OOM', 'host is OOM', true],
    ['inference.*memory.*high', 'inference-eu: memory is high', true],
    ['inference.*memory.*high', 'search-eu: memory is high', false],
    ['^CRITICAL: (inference|search)-\\w+', 'CRITICAL: search-3', true],
    ['^CRITICAL', 'not CRITICAL', false],
    ['(?i)oom', 'OOM', true],
    ['(?:ab){3}$', 'xababab', true],
    ['\\(a+\\)+', '(aa)', true],
    ['(a+)+b', 'aaab', true],
    ['größer', 'Speicher größer', true],
  ])('%s is looked for in "%s": %s', (pattern, text, found) => {
    expect(patternProblem(pattern)).toBeUndefined()
    expect(readPattern(pattern).test(text)).toBe(found)
    expect(readPattern(pattern).test(text)).toBe(found)
  })

  it.each([
    ['(?<word>\\w+)\\k<word>', 'invalid escape sequence'],
    ['(a)\\1', 'invalid escape sequence'],
    ['(?<!x)y(?=z)', "the syntax is RE2's"],
    ['(', 'missing closing )'],
    ['[z-a]', 'invalid character class range'],
    ['((a{100}){100}){100}', 'invalid repeat count'],
    ['a'.repeat(201), 'at most 200'],
  ])('%s is refused', (pattern, reason) => {
    expect(patternProblem(pattern)).toContain(reason)
    expect(() => readPattern(pattern)).toThrow(reason)
  })
})

/** The longest title that PagerDuty sends has 1,024 characters. */
const TITLES = ['a'.repeat(1024), 'ab'.repeat(512), `${'a'.repeat(1023)}!`]

it.each([
  '(?:a+a*)a$a',
  '(?:a*a?a?a?a?a?a?a?a?a*)b',
  '(a+)+b',
  '(a|a)*b',
  '((ab)*c?){2,}d',
  '(a?){30}a{30}b',
  '.*.*.*.*b!',
])('%s, which keeps other engines busy for seconds to years, is done at once', (pattern) => {
  const before = performance.now()
  for (const title of TITLES) readPattern(pattern).test(title)
  expect(performance.now() - before).toBeLessThan(500)
})

it('lets nothing through that keeps the bot busy on the longest title', () => {
  const piece = fc.constantFrom(
    'a',
    'b',
    '.',
    '(',
    ')',
    '*',
    '+',
    '?',
    '|',
    '{2,9}',
    '{3}',
    '[ab]',
    '\\w',
    '^',
    '$',
    '(?:',
  )
  let used = 0
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 14 }).map((all) => all.join('')),
      (pattern) => {
        fc.pre(patternProblem(pattern) === undefined)
        used += 1
        const before = performance.now()
        for (const title of TITLES) readPattern(pattern).test(title)
        expect(performance.now() - before).toBeLessThan(2000)
      },
    ),
    { numRuns: 300 },
  )
  expect(used).toBeGreaterThan(50)
})
