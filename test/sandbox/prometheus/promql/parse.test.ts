import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Expression } from '../../../../src/sandbox/prometheus/promql/ast.ts'
import { PromqlError } from '../../../../src/sandbox/prometheus/promql/errors.ts'
import { parsePromql } from '../../../../src/sandbox/prometheus/promql/parse.ts'
import { instantQuery } from '../../../../src/sandbox/prometheus/query.ts'
import { aStore, everyQuarterMinute } from '../engine/asked.ts'
import { printed } from './printed.ts'

function refusal(text: string): PromqlError {
  try {
    parsePromql(text)
  } catch (error) {
    if (error instanceof PromqlError) return error
    throw error
  }
  throw new Error(`${text} was accepted`)
}

describe('operators nest as Prometheus nests them, whatever the editor grammar says', () => {
  it.each([
    ['1 + 2 * 3', '(1 + (2 * 3))'],
    ['a + b offset 5m', '(a + b offset 300000)'],
    ['a + b offset 5m * c', '(a + (b offset 300000 * c))'],
    ['a / b @ 1.5', '(a / b @ 1500)'],
    ['-a offset -1m', '(-a offset -60000)'],
    ['-2 ^ 2', '(-(2 ^ 2))'],
    ['-a * b', '((-a) * b)'],
    ['2 ^ -3 ^ 2', '(2 ^ (-(3 ^ 2)))'],
    ['a ^ b ^ c', '(a ^ (b ^ c))'],
    ['a > b > c', '((a > b) > c)'],
    ['a or b and c unless d', '(a or ((b and c) unless d))'],
    ['a == bool on(x) b + c', '(a == bool on(x) (b + c))'],
    ['a AND b', '(a and b)'],
    ['SUM(a) BY (x)', 'sum by(x)(a)'],
    ['a * on(x) group_left(y, z) b', '(a * on(x) group_left(y,z) b)'],
    ['a # the rest is a comment', 'a'],
    ['max_over_time(a[1h:1m] offset 5m)', 'max_over_time(a[3600000:60000] offset 300000)'],
    ['max_over_time(a[1h:] @ end())', 'max_over_time(a[3600000:] @ end)'],
    ['rate(a{b!~"c"}[1d12h])', 'rate(a{b!~"c"}[129600000])'],
    ['quantile without (x) (0.5, a)', 'quantile without(x)(0.5, a)'],
  ])('%s', (text, expected) => {
    expect(printed(parsePromql(text))).toBe(expected)
  })

  it('reads back what it printed', () => {
    fc.assert(
      fc.property(anExpression, (text) => {
        const once = printed(parsePromql(text))
        // Durations print as bare milliseconds, which PromQL writes with a unit.
        const again = once.replaceAll(/(offset -?|\[|:)(\d+)/g, '$1$2ms').replaceAll(/@ (\d+)/g, '@ $1e-3')
        expect(printed(parsePromql(again))).toBe(once)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('what is refused', () => {
  it.each([
    ['1 +', '1:4: parse error: unexpected end of input'],
    ['', '1:1: parse error: no expression found in input'],
    ['a\n  b', '2:3: parse error: unexpected "b"'],
    ['sum(rate(a))', '1:5: parse error: expected type range vector in call to function "rate", got instant vector'],
    ['a offset 0s', '1:1: parse error: duration must be greater than 0'],
    ['nope(a)', '1:1: parse error: unknown function with name "nope"'],
    ['a{b=~"("}', '1:3: parse error: error parsing regexp'],
    ['1 > 2', '1:1: parse error: comparisons between scalars must use BOOL modifier'],
  ])('%j as bad data, with the place', (text, message) => {
    const { errorType, message: actual } = refusal(text)
    expect(errorType).toBe('bad_data')
    expect(actual).toContain(message)
  })

  it.each([
    ['holt_winters(a[5m], 0.5, 0.5)', 'function holt_winters'],
    ['label_join(a, "b", ",", "c")', 'function label_join'],
    ['count_values("x", a)', 'aggregation count_values'],
    ['a atan2 b', 'operator atan2'],
    ['{"a.b"}', 'quoted metric and label names (Prometheus 3)'],
    ['sum by ("a.b") (c)', 'quoted label names (Prometheus 3)'],
    ['rate(a[300])', '"300" as a duration (Prometheus 3)'],
    ['rate(a[5m * 2])', '"5m * 2" as a duration (Prometheus 3)'],
    ['5m + 1', 'the duration 5m as a number (Prometheus 3)'],
    ['rate(a[5m] smoothed)', 'SmoothedExpr'],
    ['a{b=~"\\\\pL"}', 'regular expression syntax \\p'],
    [`${'('.repeat(2000)}1${')'.repeat(2000)}`, 'expressions nested deeper than 1000 levels'],
  ])('%s as not supported, with its name', (text, feature) => {
    const { errorType, message } = refusal(text)
    expect({ errorType, message }).toEqual({
      errorType: 'execution',
      message: `not supported by this stand-in: ${feature}`,
    })
  })

  it('accepts nesting up to the limit', () => {
    const deep: Expression = parsePromql(`${'('.repeat(900)}a${')'.repeat(900)}`)
    expect(deep.type).toBe('paren')
  })
})

describe('any text', () => {
  const words =
    'a sum rate topk by on ignoring group_left bool and or unless offset @ ( ) { } [ ] , = != =~ + - * ^ > =='
  const piece = fc.constantFrom(
    ...words.split(' '),
    ...[
      'rate(',
      'sum by (a) (',
      '5m',
      '1e3',
      '"x"',
      "'",
      '`',
      '\\',
      'start()',
      '[5m]',
      '[1h:1m]',
      ' ',
      '\n',
      '#',
      'NaN',
    ],
    ...['a{b="c"}', 'abs(', 'scalar(', 'label_replace(', 'time()', 'a[5m]', 'topk(2,', 'vector('],
  )
  const store = aStore(everyQuarterMinute(1, 2, 3))

  function typedOutcome(text: string): unknown {
    try {
      instantQuery({ store, generation: 2 }, text, 30_000)
      return undefined
    } catch (error) {
      return error instanceof PromqlError ? undefined : error
    }
  }

  it.each([
    ['pieces of PromQL', fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(' '))],
    ['noise', fc.string({ unit: 'binary', maxLength: 60 })],
  ])('is answered or refused with a typed error: %s', (_kind, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(typedOutcome(text)).toBeUndefined()
      }),
      { numRuns: 3000 },
    )
  })
})

const anExpression: fc.Arbitrary<string> = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b{c="d"}', 'a offset 5m', 'b @ 7', 'rate(a[5m])', 'max_over_time(a[1h:1m])', 'vector(1.5)'),
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '^', '>', '==bool', 'and', 'or'), tie('expression'))
      .map(([left, operator, right]) => `${left} ${operator} ${right}`),
    tie('expression').map((inner) => `-${inner}`),
    tie('expression').map((inner) => `sum by (c) (${inner})`),
    tie('expression').map((inner) => `(${inner})`),
  ),
})).expression
