import { describe, expect, it } from '@jest/globals'
import { formatPath, formatProblem, inReadingOrder, type Problem, showValue } from '../../src/config/problem.ts'

const problem: Problem = {
  file: 'incbot.yaml',
  line: 14,
  column: 7,
  path: 'services.inference.mode',
  message: 'expected one of observe, propose, act, got "atc"',
  didYouMean: 'act',
}

describe('a problem as a line of text', () => {
  it('names the place, what was expected, what stands there, and the nearest right thing', () => {
    expect(formatProblem(problem)).toBe(
      'incbot.yaml:14:7  services.inference.mode: expected one of observe, propose, act, got "atc". Did you mean "act"?',
    )
  })

  it('says what to do where it knows', () => {
    const { didYouMean: _, ...rest } = problem
    expect(formatProblem({ ...rest, path: '', message: 'is empty', fix: 'Write something.' })).toBe(
      'incbot.yaml:14:7  is empty. Write something.',
    )
  })
})

it.each([
  [[], ''],
  [['a', 0, 'b-c'], 'a[0].b-c'],
  [['a', 'b c', 'd'], 'a["b c"].d'],
])('writes the path %j as %j', (path, text) => {
  expect(formatPath(path)).toBe(text)
})

it.each([
  [undefined, 'nothing'],
  [null, 'nothing'],
  [[1], 'a list'],
  [{}, 'a mapping'],
  [3, '3'],
  [true, 'true'],
  ['a\nb', '"a\\nb"'],
  ['http://user:hunter2@host/', '"http://…@host/"'],
  ['x'.repeat(100), `"${'x'.repeat(59)}…"`],
])('shows %j as %s', (value, text) => {
  expect(showValue(value)).toBe(text)
})

it('lists problems as a person reads: by file, then from top to bottom', () => {
  const at = (file: string, line: number, column: number): Problem => ({ ...problem, file, line, column })
  const sorted = inReadingOrder([at('b', 1, 1), at('a', 10, 1), at('a', 9, 5), at('a', 9, 2)])
  expect(sorted.map(({ file, line, column }) => `${file}:${line}:${column}`)).toEqual([
    'a:9:2',
    'a:9:5',
    'a:10:1',
    'b:1:1',
  ])
})
