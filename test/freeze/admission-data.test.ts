import { describe, expect, it } from '@jest/globals'
import type { Exemption } from '../../src/domain/freeze.ts'
import type { Workload } from '../../src/domain/service.ts'
import { admissionData, hasAdmissionKey, isAdmissionKey } from '../../src/freeze/admission-data.ts'
import type { GuardedFreeze } from '../../src/freeze/guard.ts'
import { NOW } from '../builders.ts'
import { aGuardedFreeze, anExemption } from './builders.ts'

const WEB: Workload = { cluster: 'prod', namespace: 'shop', kind: 'Deployment', name: 'web' }
const API: Workload = { ...WEB, kind: 'StatefulSet', name: 'api.v2' }

const dataOf = (...freezes: readonly GuardedFreeze[]) => Object.fromEntries(admissionData(freezes, '/inc'))
const exemptOf = (...exemptions: readonly Exemption[]) =>
  dataOf(aGuardedFreeze({ exemptions }, [WEB]))['exempt.shop.Deployment.web']
const sentenceOf = (reason: string) => dataOf(aGuardedFreeze({ reason }, [WEB]))['frozen.shop.Deployment.web'] ?? ''

describe('what the ConfigMap says of freezes', () => {
  it('is a sentence and a time for each workload', () => {
    expect(dataOf(aGuardedFreeze({}, [WEB, API]))).toEqual({
      'frozen.shop.Deployment.web': expect.stringMatching(
        /^Workload deploys of inference are frozen until 05:42 UTC .* by U0ANA: memory grows with every deploy\. .*“\/inc unfreeze inference”.*“\/inc exempt inference”\.$/,
      ),
      'until.shop.Deployment.web': '2026-03-15T05:42:00.000Z',
      'frozen.shop.StatefulSet.api.v2': expect.stringContaining('frozen'),
      'until.shop.StatefulSet.api.v2': '2026-03-15T05:42:00.000Z',
    })
  })

  it('is nothing without freezes, and nothing of a freeze of models', () => {
    expect(dataOf()).toEqual({})
    expect(dataOf(aGuardedFreeze({ scope: 'model' }, [WEB]))).toEqual({})
    expect(dataOf(aGuardedFreeze({ scope: 'all' }, [WEB]))).toHaveProperty(['frozen.shop.Deployment.web'])
  })

  it('tells who is refused what is exempted', () => {
    const exemptions = [anExemption('label', 'hotfix=INC-4892'), anExemption('deploy', 'v48')]
    const data = dataOf(aGuardedFreeze({ exemptions }, [WEB]))
    expect(data['exempt.shop.Deployment.web']).toBe('|hotfix=INC-4892|incbot.dev/deploy=v48|')
    expect(data['frozen.shop.Deployment.web']).toMatch(
      / Exempted: what carries the label hotfix=INC-4892 or incbot\.dev\/deploy=v48\.$/,
    )
  })

  it.each<[string, Exemption]>([
    ['a bar, which would begin another one', anExemption('label', 'a=b|app=web')],
    ['a bar in a deploy’s name', anExemption('deploy', 'v1|app=web')],
    ['no value', anExemption('label', 'hotfix')],
    ['a second equals sign', anExemption('label', 'a=b=c')],
    ['a space', anExemption('label', 'a=b c')],
    ['a line break', anExemption('label', 'a=b\n')],
    ['nothing', anExemption('deploy', '')],
  ])('exempts nothing for an exemption with %s', (_what, exemption) => {
    expect(exemptOf(exemption)).toBeUndefined()
    expect(exemptOf(exemption, anExemption('label', 'a=b'))).toBe('|a=b|')
  })

  it('is the longest of several freezes of a workload, with the exemptions that all of them have', () => {
    const both = anExemption('label', 'both=1')
    const short = aGuardedFreeze({ reason: 'short', exemptions: [anExemption('label', 'one=1'), both] }, [WEB])
    const long = aGuardedFreeze({ reason: 'long', until: NOW + 9 * 3_600_000, exemptions: [both] }, [WEB])
    for (const order of [
      [short, long],
      [long, short],
    ]) {
      expect(dataOf(...order)).toEqual({
        'frozen.shop.Deployment.web': expect.stringContaining(': long.'),
        'until.shop.Deployment.web': '2026-03-15T12:42:00.000Z',
        'exempt.shop.Deployment.web': '|both=1|',
      })
    }
    expect(dataOf(short, aGuardedFreeze({}, [WEB]))).not.toHaveProperty(['exempt.shop.Deployment.web'])
  })

  it.each<[string, string]>([
    ['line breaks', 'one\ntwo\r\nthree\u2028four'],
    ['control characters', 'a\u0000b\u001b[31m'],
    ['great length', 'x'.repeat(100_000)],
  ])('is one line that a person can read, whatever the reason: %s', (_what, reason) => {
    const sentence = sentenceOf(reason)
    expect(sentence).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    expect(sentence.length).toBeLessThanOrEqual(1_000)
    expect(sentence).toContain('“/inc exempt inference”.')
  })

  it('leaves out a workload whose name makes a key that the API server does not take', () => {
    const long = { ...WEB, name: 'x'.repeat(253) }
    expect([hasAdmissionKey(WEB), hasAdmissionKey(long)]).toEqual([true, false])
    expect(Object.keys(dataOf(aGuardedFreeze({}, [WEB, long])))).toEqual([
      'frozen.shop.Deployment.web',
      'until.shop.Deployment.web',
    ])
  })

  it('has keys of its own', () => {
    expect(Object.keys(dataOf(aGuardedFreeze({}, [WEB]))).every(isAdmissionKey)).toBe(true)
    expect(['frozen', 'note', 'x.frozen.a', 'frozenfor.a'].filter(isAdmissionKey)).toEqual([])
  })
})
