import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { promqlProblem, selectorProblem } from '../../src/config/lint-promql.ts'

describe('PromQL', () => {
  it.each([
    'up',
    'container_memory_working_set_bytes{$selector,container!=""}',
    'sum by (pod) (rate(http_requests_total{$selector}[5m]))',
    'sum(model_deploys_total{service="inference"})',
    'max_over_time(x{$selector}[1h:1m] offset 5m) > bool 3',
    'a{$selector} / on(pod) group_left b{$selector}',
    'topk(3, x{$selector}) # the largest',
  ])('%s parses', (expression) => {
    expect(promqlProblem(expression)).toBeUndefined()
  })

  it.each([
    ['sum(rate(x[5m])', 15, 'ends too early'],
    ['', 0, 'ends too early'],
    ['1 +', 3, 'ends too early'],
    ['foo bar', 4, 'is not PromQL from "bar" on'],
    ['sum(x) by by (pod)', 10, 'is not PromQL from "by" on'],
    ['x{$selector,}}', 13, 'is not PromQL from "}" on'],
    ['rate(x{$selector}[5 minutes])', 20, 'is not PromQL from "minutes" on'],
    ['x{$slector}', 2, 'only $selector is filled in, $slector is not'],
    ['sum($selector)', 5, ''],
    ['$selector', 1, ''],
  ])('%j does not parse at %d', (expression, offset, message) => {
    const problem = promqlProblem(expression)
    expect(problem?.message).toContain(message)
    expect(Math.abs((problem?.offset ?? -99) - offset)).toBeLessThanOrEqual(1)
  })

  it('never throws, and points into the expression', () => {
    const pieces = fc.constantFrom(
      'sum',
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      '5m',
      '$selector',
      '"',
      'by',
      ' ',
      '+',
      'x',
      ',',
      '=~',
      '$',
      '#',
      '\n',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (expression) => {
          for (const problem of [promqlProblem(expression), selectorProblem(expression)]) {
            if (problem === undefined) continue
            expect(problem.offset).toBeGreaterThanOrEqual(0)
            expect(problem.offset).toBeLessThanOrEqual(expression.length)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })
})

describe('a selector', () => {
  it.each(['namespace="ml"', 'namespace="ml",pod=~"inference-prod-.+"', 'a="b",', `a='}'`])(
    '%s is a list of matchers',
    (selector) => {
      expect(selectorProblem(selector)).toBeUndefined()
    },
  )

  it.each([
    ['with braces', '{a="b"}', 0],
    ['without quotes', 'a=b', 2],
    ['with a string that does not end', 'a="b', 4],
    ['that leaves the service', 'a="b"} or up{c="d"', 0],
    ['that hides the rest of the expression', 'a="b"} #', 0],
  ])('%s is refused', (_how, selector, offset) => {
    const problem = selectorProblem(selector)
    expect(problem?.message).toContain('is not a list of label matchers')
    expect(problem?.offset).toBe(offset)
  })
})
