import { describe, expect, it } from '@jest/globals'
import type { Fact, Severity, Verdict } from '../../src/domain/finding.ts'
import { compareFindings, judgeEffect } from '../../src/domain/verification.ts'
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

describe('the verdict on a remediation', () => {
  const finding = (id: string, verdict: Verdict, severity?: Severity) => {
    const { severity: _default, ...rest } = aFinding({ id, title: id, verdict })
    return severity === undefined ? rest : { ...rest, severity }
  }
  const memory = (verdict: Verdict, severity?: Severity) => finding('memory', verdict, severity)
  const cache = (verdict: Verdict, severity?: Severity) => finding('cache', verdict, severity)
  const before = [memory('problem', 'critical'), cache('problem', 'high'), finding('latency', 'clear')]

  const cases: readonly [
    string,
    readonly ReturnType<typeof finding>[],
    Partial<Parameters<typeof judgeEffect>[2]>,
    string,
    string,
  ][] = [
    [
      'fixed only where the runbook says that this removes the cause',
      [memory('clear'), cache('clear')],
      { removesCause: true },
      'fixed',
      'All of the 2 checks that had failed are clear now.',
    ],
    [
      'mitigated where everything is clear and the cause is still there',
      [memory('clear'), cache('clear')],
      {},
      'mitigated',
      'All of the 2 checks that had failed are clear now; the cause is still there.',
    ],
    [
      'mitigated where some are clear',
      [memory('clear'), cache('problem', 'high')],
      { removesCause: true },
      'mitigated',
      '1 of the 2 checks that had failed is clear now.',
    ],
    [
      'mitigated where one is less bad',
      [memory('problem', 'medium'), cache('problem', 'high')],
      {},
      'mitigated',
      'None of the 2 checks that had failed is clear yet, but it is less bad; the cause is still there.',
    ],
    [
      'mitigated where what was measured went down',
      [memory('problem', 'critical'), cache('problem', 'high')],
      { relieved: true },
      'mitigated',
      'None of the 2 checks that had failed is clear yet, but it is less bad; the cause is still there.',
    ],
    [
      'mitigated, not fixed, where one check does not answer',
      [memory('clear'), cache('unknown')],
      { removesCause: true },
      'mitigated',
      '1 of the 2 checks that had failed is clear now; 1 did not answer.',
    ],
    [
      'unchanged',
      [memory('problem', 'critical'), cache('problem', 'high')],
      { removesCause: true },
      'unchanged',
      'None of the 2 checks that had failed is better now.',
    ],
    [
      'worse where a check is worse and none is better',
      [memory('problem', 'critical'), cache('problem', 'critical')],
      {},
      'worse',
      '1 of the 2 checks that had failed is worse now.',
    ],
    [
      'worse where something new is wrong and nothing is better',
      [memory('problem', 'critical'), cache('problem', 'high'), finding('latency', 'problem', 'low')],
      {},
      'worse',
      'None of the 2 checks that had failed is better now; new: latency.',
    ],
    [
      'mitigated, and says what is new, where more is better than worse',
      [memory('clear'), cache('clear'), finding('latency', 'problem', 'low')],
      {},
      'mitigated',
      'All of the 2 checks that had failed are clear now; the cause is still there; new: latency.',
    ],
    [
      'unknown where none answers',
      [memory('unknown')],
      { removesCause: true, relieved: false },
      'unknown',
      'None of the 2 checks that had failed answers now, so it cannot be told.',
    ],
  ]
  it.each(cases)('is %s', (_, after, extra, verdict, text) => {
    expect(judgeEffect(before, after, { removesCause: false, relieved: false, ...extra })).toEqual({ verdict, text })
  })

  it.each([
    ['clear', undefined, false, 'The check that had failed is clear now; the cause is still there.'],
    ['problem', 'critical', false, 'The check that had failed is no better now.'],
    [
      'problem',
      'critical',
      true,
      'The check that had failed is not clear yet, but less bad; the cause is still there.',
    ],
    ['unknown', undefined, false, 'The check that had failed does not answer now, so it cannot be told.'],
  ] as const)('speaks of one check as of one: %s %s %s', (verdict, severity, relieved, text) => {
    const judged = judgeEffect([memory('problem', 'critical')], [memory(verdict, severity)], {
      removesCause: false,
      relieved,
    })
    expect(judged.text).toBe(text)
  })

  it('is unknown where nothing had failed before', () => {
    const none = judgeEffect([finding('memory', 'clear')], [], { removesCause: true, relieved: true })
    expect(none.verdict).toBe('unknown')
  })
})
