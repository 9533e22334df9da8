import { expect, it } from '@jest/globals'
import { describeDuration } from '../../src/domain/duration.ts'

it('speaks of minutes below two hours and of hours above', () => {
  expect(describeDuration(21 * 60_000)).toBe('21 min')
  expect(describeDuration(3.8 * 3_600_000)).toBe('3.8 h')
})
