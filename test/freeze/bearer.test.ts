import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bearerCheck } from '../../src/freeze/bearer.ts'

const holderOf = bearerCheck([
  { name: 'ci', token: 'alpha' },
  { name: 'cd', token: 'beta' },
  { name: 'unset', token: '' },
])

it.each([
  ['Bearer alpha', 'ci'],
  ['bearer  beta ', 'cd'],
  ['Bearer alph', undefined],
  ['Bearer alphaa', undefined],
  ['Bearer ', undefined],
  ['Bearer', undefined],
  ['alpha', undefined],
  ['Basic alpha', undefined],
  ['Bearer alpha beta', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j is the token of %s', (header, holder) => {
  expect(holderOf(header)).toBe(holder)
})

it('nothing else is anybody’s token', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(text.trim() !== 'alpha' && text.trim() !== 'beta')
      expect(holderOf(`Bearer ${text}`)).toBeUndefined()
    }),
  )
})
