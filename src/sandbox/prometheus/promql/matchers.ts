import type { LabelMatcher } from './ast.ts'
import { compileRegex } from './re2.ts'

/** Builds the test of one label condition. Throws `PromqlError` for a regular expression that RE2 or this stand-in refuses. */
export function labelMatcher(name: string, operator: LabelMatcher['operator'], value: string): LabelMatcher {
  if (operator === '=') return { name, operator, value, test: (actual) => actual === value }
  if (operator === '!=') return { name, operator, value, test: (actual) => actual !== value }
  const regex = compileRegex(value)
  const wanted = operator === '=~'
  return { name, operator, value, test: (actual) => regex.test(actual) === wanted }
}

/** Why Prometheus refuses this selector, or `undefined`: one that accepts the empty label set would select everything. */
export function selectorProblem(matchers: readonly LabelMatcher[]): string | undefined {
  return matchers.every((matcher) => matcher.test(''))
    ? 'vector selector must contain at least one non-empty matcher'
    : undefined
}
