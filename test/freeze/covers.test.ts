import { expect, it } from '@jest/globals'
import { freezesAgainst } from '../../src/freeze/covers.ts'
import { aFreeze } from '../contract/records.ts'

it.each([
  ['model', 'model', true],
  ['model', 'workload', false],
  ['model', undefined, true],
  ['workload', 'model', false],
  ['workload', 'workload', true],
  ['workload', undefined, true],
  ['all', 'model', true],
  ['all', 'workload', true],
  ['all', undefined, true],
] as const)('a freeze of scope %s against a deploy of %s: stopped is %s', (scope, deploy, stopped) => {
  expect(freezesAgainst([aFreeze({ scope })], deploy)).toHaveLength(stopped ? 1 : 0)
})

it('the freeze that lasts longest comes first', () => {
  const until = [5, 9, 7].map((hours) => aFreeze({ id: `f${hours}`, until: hours }))
  expect(freezesAgainst(until, undefined).map(({ id }) => id)).toEqual(['f9', 'f7', 'f5'])
})
