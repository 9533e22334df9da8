import { describe, expect, it } from '@jest/globals'
import { pauseAfter } from '../../src/pagerduty/rate-limit.ts'

describe('the pause after an answer', () => {
  it.each([
    ['nothing special', 200, {}, 0],
    ['budget left', 200, { 'ratelimit-remaining': '1', 'ratelimit-reset': '20' }, 0],
    ['a used-up budget', 200, { 'ratelimit-remaining': '0', 'ratelimit-reset': '20' }, 20_000],
    ['a used-up budget that never returns', 200, { 'ratelimit-remaining': '0' }, 0],
    ['a 429 with its reset', 429, { 'ratelimit-reset': '3' }, 3000],
    ['a 429 of a proxy', 429, { 'retry-after': '4' }, 4000],
    ['a 429 without headers', 429, {}, 30_000],
    ['a 429 that is already over', 429, { 'ratelimit-reset': '0' }, 1000],
    ['a 429 for ever', 429, { 'ratelimit-reset': '999999999' }, 120_000],
    ['a 429 in no number', 429, { 'ratelimit-reset': 'soon', 'retry-after': '-1' }, 30_000],
  ])('with %s', (_, status, headers, ms) => {
    expect(pauseAfter(status, headers)).toBe(ms)
  })
})
