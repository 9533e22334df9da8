import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { regexProblem } from '../../src/config/lint-regex.ts'

describe('expressions on text from outside', () => {
  it.each([
    '[Mm]emory|MEMORY|OOM',
    'inference.*memory.*high',
    '^CRITICAL: (inference|search)-\\w+',
    '(?:ab){3}',
    '\\(a+\\)+',
    '[(a+)+]x',
    'a{2,5}',
    '(?<!x)y(?=z)',
  ])('%s is used', (pattern) => {
    expect(regexProblem(pattern)).toBeUndefined()
  })

  it.each([
    ['(a+)+', 'repeats a group'],
    ['(a*)*b', 'repeats a group'],
    ['(a|a)*b', 'repeats a group'],
    ['((ab)*c){2,}', 'repeats a group'],
    ['(?:x+y?){10}', 'repeats a group'],
    ['(a?){30}a{30}', 'repeats a group'],
    ['(?<word>\\w+)\\k<word>', 'refers back'],
    ['(a)\\1', 'refers back'],
    ['.*a.*b.*c', 'has 3 open repetitions'],
    ['a?a?a?a?a?a?a?a?a?aaaa', 'has 9 optional parts'],
    ['(', 'is not a regular expression'],
    ['[z-a]', 'is not a regular expression'],
    ['a'.repeat(201), 'at most 200'],
  ])('%s is refused', (pattern, reason) => {
    expect(regexProblem(pattern)).toContain(reason)
  })
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
  const titles = ['a'.repeat(1000), 'ab'.repeat(500), `${'a'.repeat(999)}!`]
  let used = 0
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 14 }).map((all) => all.join('')),
      (pattern) => {
        fc.pre(regexProblem(pattern) === undefined)
        used += 1
        const before = performance.now()
        for (const title of titles) new RegExp(pattern).test(title)
        expect(performance.now() - before).toBeLessThan(2000)
      },
    ),
    { numRuns: 300 },
  )
  expect(used).toBeGreaterThan(50)
})
