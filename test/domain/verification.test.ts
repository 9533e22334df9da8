import { describe, expect, it } from '@jest/globals'
import type { Fact } from '../../src/domain/finding.ts'
import { compareFindings } from '../../src/domain/verification.ts'
import { aFinding } from '../builders.ts'

const fact = (id: string, value: number | string, unit: Fact['unit'] = 'bytes'): Fact => ({
  id,
  label: id,
  value,
  unit,
})
const changes = (before: readonly Fact[], after: readonly Fact[]) =>
  compareFindings([aFinding({ facts: before })], [aFinding({ facts: after })]).map((one) => [
    one.before.id,
    one.before.value,
    one.after.value,
  ])

describe('what a remediation changed', () => {
  it('pairs the same fact before and after', () => {
    expect(changes([fact('level', 31), fact('share', 0.97)], [fact('share', 0.3), fact('level', 9)])).toEqual([
      ['level', 31, 9],
    ])
  })

  it.each<[string, readonly Fact[], readonly Fact[]]>([
    ['a fact that did not change', [fact('level', 31)], [fact('level', 31)]],
    ['a fact that hardly changed', [fact('level', 31)], [fact('level', 30)]],
    ['a fact that is not known afterwards', [fact('level', 31)], []],
    ['a fact that was not known before', [], [fact('level', 31)]],
    ['a word', [fact('replica', 'a', 'text')], [fact('replica', 'b', 'text')]],
    ['a number that became a word', [fact('level', 1)], [fact('level', 'gone', 'text')]],
    ['a moment', [fact('last', 1, 'time')], [fact('last', 2, 'time')]],
  ])('leaves out %s', (_, before, after) => expect(changes(before, after)).toEqual([]))

  it('states one figure of a check, the first that changed', () => {
    const before = ['a', 'b', 'c', 'd'].map((id) => fact(id, 1))
    const after = [fact('a', 1), fact('b', 2), fact('c', 2), fact('d', 2)]
    expect(changes(before, after).map(([id]) => id)).toEqual(['b'])
  })

  it('looks only at checks that had found a problem, and at the same check of the runbook', () => {
    const before = [
      aFinding({ verdict: 'clear', facts: [fact('x', 1)] }),
      aFinding({ id: 'other', facts: [fact('x', 1)] }),
    ]
    expect(compareFindings(before, [aFinding({ facts: [fact('x', 2)] })])).toEqual([])
  })
})
