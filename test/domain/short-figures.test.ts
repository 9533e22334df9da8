import { expect, it } from '@jest/globals'
import type { Unit } from '../../src/domain/finding.ts'
import { formatFact } from '../../src/domain/finding.ts'

it.each<[number, Unit, string]>([
  [25_000, 'perSecond', '25,000/s'],
  [4_166.7, 'perSecond', '4,170/s'],
  [1_234_567, 'perSecond', '1,230,000/s'],
  [999.6, 'perSecond', '1,000/s'],
  [999.4, 'perSecond', '999/s'],
  [0.5, 'perSecond', '0.5/s'],
  [0, 'perSecond', '0/s'],
  [0.18, 'seconds', '180 ms'],
  [0.0004, 'seconds', '0.4 ms'],
  [2.5, 'seconds', '2.5 s'],
  [480, 'seconds', '8 min'],
  [3.5, 'factor', '3.5×'],
  [2.0833, 'factor', '2.08×'],
  [0.9531, 'number', '0.953'],
  [-3, 'number', '-3'],
])('%d as %s is written %s', (value, unit, text) => {
  expect(formatFact({ id: '', label: '', value, unit }, 'decimal')).toBe(text)
})
