import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readPlainYaml } from '../../src/config/plain-yaml.ts'
import { composeYaml } from '../../src/config/yaml-composed.ts'

/** What the whole parser makes of a text; its complaint where it has one. */
function wholly(text: string): { readonly value: unknown } | string {
  const composed = composeYaml(text)
  if (typeof composed === 'string') return composed
  const [fault] = composed.faults
  return fault?.message ?? { value: composed.document.toJS() }
}

describe('what is read without the whole parser', () => {
  it.each([
    ['our example', readFileSync('incbot.example.yaml', 'utf8')],
    ['mappings in mappings', 'a:\n  b:\n    c: 1\n  d: 2\ne: 3'],
    ['lists of lists below keys', 'a:\n  - b:\n      - 1\n      - 2\n  -\n    c: d\ne: f'],
    ['items that are not indented', 'a:\n- b: 1\n  c:\n  - 2\n- d\ne: f'],
    ['keys without a value', 'a:\nb:\n  -\n  - c:\n  - d\ne:'],
    ['comments and empty lines', '# a\n\na: # b\n  # c\n\n  b: 1 # d\n   # e\n  c: x#y'],
    ['brackets', 'a: []\nb: {}\nc: [ d, {e: "f", g: [1, 2]}, \'h\', ]\ni: { j: k:l, m: n o } # p'],
    ['quotes', `a: 'it''s'\nb: "say \\"hi\\"\\n"\nc: ''\nd: "#"`],
    ['PromQL', 'a: sum by (pod) (rate(x_total{$selector,pod=~"a|b"}[5m])) > 1'],
    ['values that are no text', 'a: ~\nb: null\nc: TRUE\nd: False\ne: 12\nf: 0.50\ng: 007'],
    ['values that look like something else', 'a: 10m\nb: 09:00\nc: nullable\nd: yes\ne: 1.2.3\nf: 0x\ng: http://h:1/p'],
    ['keys that look like something else', '404: a\nnull: b\n1.0: c\ntrue: d'],
    ['a beginning of a document', '---\na: 1\n'],
    ['a list', '- a\n- b: 1\n  c: 2'],
  ])('%s', (_what, text) => {
    expect(readPlainYaml(text)).toEqual(wholly(text))
  })
})

describe('what is left to the whole parser', () => {
  it.each([
    ['nothing', ''],
    ['a text alone', 'a'],
    ['anchors', 'a: &a 1'],
    ['aliases', 'a: *a'],
    ['tags', 'a: !!str 1'],
    ['blocks of text', 'a: |\n  b'],
    ['text over several lines', 'a: b\n  c'],
    ['text on a line of its own', 'a:\n  b'],
    ['brackets over several lines', 'a: [\n  b]'],
    ['keys in quotes', '"a": 1'],
    ['keys in question', '? a\n: 1'],
    ['keys that are there already', 'a: 1\na: 2'],
    ['keys that are there already, in brackets', 'a: { b: 1, b: 2 }'],
    ['__proto__', '__proto__: 1'],
    ['__proto__ in brackets', 'a: { __proto__: 1 }'],
    ['numbers of other kinds', 'a: 0x1f'],
    ['numbers too large to be exact', 'a: 12345678901234567890'],
    ['escapes that JSON has not', 'a: "\\x41"'],
    ['tabs', 'a:\tb'],
    ['line ends of Windows', 'a: b\r\nc: d'],
    ['an indentation that nothing began', 'a:\n    b: 1\n  c: 2'],
    ['an item in a mapping', 'a: 1\n- b'],
    ['an entry in a list', '- a\nb: 1'],
    ['two colons', 'a: b: c'],
    ['something behind a quote', 'a: "b" c'],
    ['a second document', 'a: 1\n---\nb: 2'],
    ['brackets deeper than anybody writes', `a: ${'['.repeat(1_000)}${']'.repeat(1_000)}`],
    ['mappings deeper than anybody writes', Array.from({ length: 100 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['a line longer than anybody writes', `a: ${'b'.repeat(1_000_000)}`],
  ])('%s', (_what, text) => {
    expect(readPlainYaml(text)).toBeUndefined()
  })
})

it('reads nothing otherwise than the whole parser', () => {
  const word = fc.constantFrom(
    'a',
    'b',
    'c',
    'd',
    'a b',
    'a:b',
    'a#b',
    'é',
    '1',
    '0.5',
    '1e3',
    '.5',
    '.',
    '-1',
    '~',
    'null',
  )
  const odd = fc.constantFrom(
    "'a'",
    '"a"',
    "'",
    '"',
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    '#',
    '&a',
    '*a',
    '!',
    '|',
    '-',
    '?',
    '...',
  )
  const inline = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      { arbitrary: word, weight: 6 },
      odd,
      fc.array(tie('value'), { maxLength: 3 }).map((all) => `[${all.join(', ')}]`),
      fc
        .array(fc.tuple(word, tie('value')), { maxLength: 3 })
        .map((all) => `{ ${all.map((one) => one.join(': ')).join(', ')} }`),
      fc.tuple(tie('value'), fc.constantFrom(' ', '', ' #', '  ', ': ')).map((all) => all.join('')),
    ),
  })).value
  const line = fc
    .tuple(
      fc.constantFrom('', '', '  ', '  ', '    ', '   '),
      fc.constantFrom('', '', '', '- ', '-   ', '-'),
      fc.oneof({ arbitrary: word.map((key) => `${key}:`), weight: 4 }, fc.constant('')),
      fc.oneof(
        fc.constant(''),
        inline.map((value) => ` ${value}`),
        fc.constant('  # a'),
      ),
    )
    .map((parts) => parts.join(''))
  let read = 0
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = lines.join('\n')
      const plain = readPlainYaml(text)
      if (plain === undefined) return
      read += 1
      expect([text, wholly(text)]).toEqual([text, plain])
    }),
    { numRuns: 20_000 },
  )
  // Else this would have shown nothing.
  expect(read).toBeGreaterThan(1_000)
})
