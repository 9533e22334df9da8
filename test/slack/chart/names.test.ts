import { describe, expect, it } from '@jest/globals'
import { withoutCommonStart } from '../../../src/slack/chart/names.ts'

describe('withoutCommonStart', () => {
  it.each([
    [
      ['api-6d9f7-x2kqp', 'api-6d9f7-m8xvw'],
      ['x2kqp', 'm8xvw'],
    ],
    [
      ['api-6d9f7-x2kqp', 'api-77c1b-m8xvw'],
      ['6d9f7-x2kqp', '77c1b-m8xvw'],
    ],
    [
      ['inference-0', 'inference-1'],
      ['inference-0', 'inference-1'],
    ],
    [
      ['resident', 'evicted'],
      ['resident', 'evicted'],
    ],
    [['api-6d9f7-x2kqp'], ['api-6d9f7-x2kqp']],
    [
      ['same-name', 'same-name'],
      ['name', 'name'],
    ],
    [[], []],
  ])('of %j leaves %j', (names, left) => {
    expect(withoutCommonStart(names)).toEqual(left)
  })
})
