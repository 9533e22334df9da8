import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Path } from '../../src/config/problem.ts'
import { parseYaml, type YamlDocument } from '../../src/config/yaml-document.ts'

function parsed(text: string): YamlDocument {
  const result = parseYaml('a.yaml', text)
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'))
  return result.document
}

function complaints(text: string): string[] {
  const result = parseYaml('a.yaml', text)
  return result.ok ? [] : result.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...['b: &b', 'c: &c', 'd: &d', 'e: &e', 'f: &f'].map(
    (head, index) => `${head} [${Array(9).fill(`*${'abcde'[index]}`).join(', ')}]`,
  ),
].join('\n')

const quadratic = [
  'a: &a',
  ...Array<string>(3000).fill('  - x'),
  ...Array.from({ length: 90 }, (_, i) => `k${i}: *a`),
].join('\n')

describe('text that is refused', () => {
  it.each([
    [
      'a duplicate key',
      'a: 1\nb: 2\na: 3',
      '3:1 is not valid YAML: this key is already there, further up in the same mapping',
    ],
    ['a tab as indentation', 'a:\n\tb: 1', '2:1 is not valid YAML: indentation is by spaces, not by tabs'],
    ['a tag', 'a: !secret b', '1:4 is not valid YAML: the tag !secret is not allowed here'],
    [
      'a tag for binary data',
      'a: !!binary aGk=',
      '1:4 is not valid YAML: the tag tag:yaml.org,2002:binary is not allowed here',
    ],
    [
      'a second document',
      'a: 1\n---\nb: 2',
      '2:1 is not valid YAML: there is a second document (---); write one file for each',
    ],
    ['a key that is a list', '? [a, b]\n: 1', '1:3 is not valid YAML: a key must be plain text'],
    ['a key that is no key', 'a: { __proto__: { b: 1 } }', '1:6 is not valid YAML: __proto__ cannot be used as a key'],
    ['an alias without anchor', 'a: *b', '1:4 is not valid YAML: no &b stands before *b'],
    ['an alias of itself', 'a: &a [*a]', '1:1 unfolds to more than 50000 values'],
    ['thousands of aliases', `[&a x${', *a'.repeat(2001)}]`, '1:1 is not valid YAML: it has 2001 aliases'],
    ['a bomb of aliases', bomb, '1:1 unfolds to more than 50000 values'],
    ['many aliases of a long list', quadratic, '1:1 unfolds to more than 50000 values'],
    ['brackets without end', '['.repeat(50_000), '1:1 is nested more than 64 levels deep'],
    ['dashes without end', '- '.repeat(50_000), '1:1 is nested more than 64 levels deep'],
    ['question marks without end', '? '.repeat(50_000), '1:1 is nested more than 64 levels deep'],
    ['mappings without end', '{a: '.repeat(50_000), '1:1 is nested more than 64 levels deep'],
    ['a list of sixty thousand items', `[${'1,'.repeat(60_000)}]`, '1:1 unfolds to more than 50000 values'],
    [
      'more than a quarter of a megabyte',
      `a: ${'x'.repeat(300_000)}`,
      '1:1 has 300003 characters; at most 262144 are read',
    ],
  ])('%s', (_what, text, complaint) => {
    expect(complaints(text)[0]).toContain(complaint)
  })

  it('tells every fault of the syntax, not only the first', () => {
    expect(complaints('a: 1\na: 2\nb: !x 1\nb: 2').length).toBe(3)
  })
})

it('reads as many keys as fit within seconds', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')
  const before = performance.now()
  expect(Object.keys(parsed(text).value as object)).toHaveLength(20_000)
  expect(performance.now() - before).toBeLessThan(4000)
})

it('lets an anchor be used as often as a large catalogue needs it', () => {
  const services = Array.from({ length: 500 }, (_, index) => `s${index}: *people`).join('\n')
  expect(Object.keys(parsed(`a: &people { users: [U1] }\n${services}`).value as object)).toHaveLength(501)
})

it('reads an anchor and its alias as the same value', () => {
  expect(parsed('a: &people { users: [U1] }\nb: *people').value).toEqual({ a: { users: ['U1'] }, b: { users: ['U1'] } })
})

describe('positions', () => {
  const text = [
    'top:',
    '  list:',
    '    - name: one',
    '      mode: "act"',
    '    - { name: two }',
    '  alias: &x',
    '    deep: 1',
    'copy: *x',
    '404: n',
  ].join('\n')

  it.each<[Path, string, string]>([
    [['top'], '1:1', '1:1'],
    [['top', 'list', 0, 'mode'], '4:13', '4:7'],
    [['top', 'list', 1, 'name'], '5:15', '5:9'],
    [['top', 'list', 1], '5:7', '5:7'],
    [['copy', 'deep'], '7:11', '7:5'],
    [['404'], '9:6', '9:1'],
    [['top', 'list', 0, 'missing'], '3:7', '3:7'],
    [['nowhere', 'at', 'all'], '1:1', '1:1'],
  ])('finds %j', (path, value, key) => {
    const document = parsed(text)
    const show = ({ line, column }: { line: number; column: number }): string => `${line}:${column}`
    expect([show(document.locate(path)), show(document.locateKey(path))]).toEqual([value, key])
  })
})

describe('positions inside a text', () => {
  const wanted = 'X'

  it.each([
    ['plain', 'a: sum X (b)'],
    ['plain over several lines', 'a: sum\n  by\n  X (b)'],
    ['in single quotes', "a: 'it''s X'"],
    ['in double quotes', 'a: "say \\"hi\\" X"'],
    ['in double quotes over several lines', 'a: "sum\n  by X"'],
    ['a literal block', 'a: |\n  sum(\n    X\n  )\n'],
    ['a folded block', 'a: >-\n  sum\n  by\n\n  X\n'],
    ['an alias', 'b: &b sum X\na: *b'],
    ['in a flow mapping', 'b: 1\nc: { d: 2 }\na: "12 X"'],
  ])('are found in text %s', (_how, text) => {
    const document = parsed(text)
    const value = String((document.value as { a: string }).a)
    const before = text.slice(0, text.indexOf(wanted)).split('\n')
    expect(document.locateIn(['a'], value.indexOf(wanted))).toEqual({
      line: before.length,
      column: (before.at(-1) ?? '').length + 1,
    })
  })

  it('fall back to the beginning of the text where escapes hide them', () => {
    expect(parsed('a: "\\u0041 X"').locateIn(['a'], 2)).toEqual({ line: 1, column: 4 })
  })
})

it('never throws, whatever the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&a ',
    '*a',
    '|',
    '>',
    '? ',
    '!x',
    '#',
    '---\n',
    '\t',
    ',',
    '%',
    '\\u',
    '<<',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, fc.array(fc.oneof(fc.string(), fc.nat())), fc.nat(), (source, path, offset) => {
      const result = parseYaml('a.yaml', source)
      const places = result.ok
        ? [
            result.document.locate(path),
            result.document.locateKey(path),
            result.document.locateIn(path, offset),
            result.document.locateIn(['a'], offset),
          ]
        : result.problems
      expect(places.filter(({ line, column }) => line < 1 || column < 1)).toEqual([])
    }),
    { numRuns: 1000 },
  )
})
