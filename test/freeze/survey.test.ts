import { describe, expect, it } from '@jest/globals'
import type { EnforcementPoint } from '../../src/domain/freeze.ts'
import type { Workload } from '../../src/domain/service.ts'
import type { FreezeGuard } from '../../src/freeze/guard.ts'
import { guardedBy, isNews, pointsOf, type Surveyed } from '../../src/freeze/survey.ts'
import { aService, NOW } from '../builders.ts'
import { aFreeze } from '../contract/records.ts'

const WEB: Workload = { cluster: 'prod', namespace: 'shop', kind: 'Deployment', name: 'web' }
const DB: Workload = { ...WEB, kind: 'StatefulSet', name: 'db' }
const EDGE: Workload = { ...WEB, cluster: 'edge' }

const aGuard = (name: string, ...clusters: readonly string[]): FreezeGuard => ({
  name,
  guards: ({ cluster }) => clusters.includes(cluster),
  enforce: async () => undefined,
  probe: async () => ({ state: 'proved' }),
})

const surveyed = (change: Partial<Surveyed>) =>
  pointsOf({
    freeze: aFreeze({ scope: 'all' }),
    service: aService({ workloads: [WEB, DB, EDGE] }),
    proofs: [],
    gateTokens: [],
    askedAt: () => undefined,
    ...change,
  })

describe('what a guard is given', () => {
  const service = aService({ workloads: [WEB, EDGE] })
  const given = (...freezes: Parameters<typeof aFreeze>[0][]) =>
    guardedBy(aGuard('prod', 'prod'), freezes.map(aFreeze), (name) => (name === 'inference' ? service : undefined))

  it('are freezes of workloads with the workloads that it guards', () => {
    const [one, ...others] = given({ scope: 'workload' })
    expect(one).toMatchObject({ freeze: { scope: 'workload' }, service, workloads: [WEB] })
    expect(others).toEqual([])
    expect(given({ scope: 'all' })).toHaveLength(1)
  })

  it.each([
    ['of models', { scope: 'model' as const }],
    ['of a service that is no longer in the catalogue', { scope: 'all' as const, service: 'gone' }],
  ])('are no freezes %s', (_what, freeze) => {
    expect(given(freeze)).toEqual([])
  })

  it('are no freezes of services that have nothing there', () => {
    expect(guardedBy(aGuard('elsewhere', 'elsewhere'), [aFreeze({ scope: 'all' })], () => service)).toEqual([])
  })
})

describe('the points of a freeze', () => {
  const proof = { state: 'proved', at: NOW } as const

  it('are what guards proved, what nothing guards, and who asks the gate', () => {
    const points = surveyed({
      proofs: [{ guard: aGuard('Kubernetes admission (prod)', 'prod'), proof }],
      gateTokens: ['ci', 'registry'],
      askedAt: (token) => (token === 'ci' ? NOW - 240_000 : undefined),
    })
    expect(points).toEqual([
      { name: 'Kubernetes admission (prod)', state: 'proved', at: NOW },
      {
        name: 'cluster edge',
        state: 'unguarded',
        text: 'nothing in the cluster refuses changes of Deployment web; see clusters.edge.admission',
      },
      { name: 'gate: ci', state: 'asked', at: NOW - 240_000 },
      { name: 'gate: registry', state: 'never-asked' },
    ])
  })

  it('say once for each cluster what nothing guards', () => {
    expect(surveyed({}).map(({ name, text }) => [name, text?.match(/changes of (.*);/)?.[1]])).toEqual([
      ['cluster prod', 'Deployment web, StatefulSet db'],
      ['cluster edge', 'Deployment web'],
    ])
  })

  it('of a freeze of models are its gates alone', () => {
    expect(surveyed({ freeze: aFreeze({ scope: 'model' }), gateTokens: ['ci'] })).toEqual([
      { name: 'gate: ci', state: 'never-asked' },
    ])
  })

  it('of a service that is gone are its gates alone', () => {
    expect(surveyed({ service: undefined })).toEqual([])
  })
})

describe('people are told', () => {
  const proved: EnforcementPoint = { name: 'a', state: 'proved', at: NOW }
  const asked: EnforcementPoint = { name: 'b', state: 'asked', at: NOW - 60_000 }

  it.each<[string, readonly EnforcementPoint[] | undefined, readonly EnforcementPoint[], boolean]>([
    ['at first, even that there is nothing', undefined, [], true],
    ['not the same again', [proved, asked], [proved, asked], false],
    ['a state that changed', [proved], [{ ...proved, state: 'open' }], true],
    ['a point that is new', [proved], [proved, asked], true],
    ['a point that is gone', [proved, asked], [proved], true],
    ['not a moment that is 5 min newer', [proved], [{ ...proved, at: NOW + 300_000 }], false],
    ['a moment that is more than that newer', [proved], [{ ...proved, at: NOW + 300_001 }], true],
    ['not an old moment that caught up', [proved, asked], [proved, { ...asked, at: NOW }], false],
    ['not another text', [proved], [{ ...proved, text: 'x' }], false],
  ])('%s', (_what, told, points, news) => {
    expect(isNews(told, points)).toBe(news)
  })
})
