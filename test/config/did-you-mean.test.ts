import { expect, it } from '@jest/globals'
import { nearest } from '../../src/config/did-you-mean.ts'

it.each([
  ['atc', ['observe', 'propose', 'act'], 'act'],
  ['slak', ['slack', 'services'], 'slack'],
  ['Statefulset', ['Deployment', 'StatefulSet'], 'StatefulSet'],
  ['prometeus', ['prometheus', 'http-json'], 'prometheus'],
  ['inferense', ['inference', 'inference-eu'], 'inference'],
])('of %s it thinks that %3$s was meant', (word, candidates, meant) => {
  expect(nearest(word, candidates)).toBe(meant)
})

it.each([
  ['database', ['slack', 'services']],
  ['x', ['ci', 'y']],
  ['', ['ab']],
  ['anything', []],
])('has no guess for %j among %j', (word, candidates) => {
  expect(nearest(word, candidates)).toBeUndefined()
})
