import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { OFFER_MS } from '../../src/domain/approval-policy.ts'
import type { Diagnosis } from '../../src/domain/diagnosis.ts'
import type { Incident, Investigation } from '../../src/domain/incident.ts'
import type { RemediationSpec } from '../../src/domain/runbook.ts'
import type { Mode, Service } from '../../src/domain/service.ts'
import { propose } from '../../src/pipeline/propose.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { aDiagnosis, aFinding, anIncident, aPlan, aRemediation, aRunbook, aService, NOW } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { world } from '../fakes/world.ts'

const INVESTIGATION: Investigation = {
  id: 'inv-1',
  reason: 'triggered',
  state: 'running',
  startedAt: NOW,
} as never // only the id is read

const sure = (id: string, confidence: number): Diagnosis =>
  aDiagnosis({ leading: { id, title: id, confidence, weights: [] } })

const aKind = (plan: RemediationKind['plan'], verify = true): RemediationKind => ({
  kind: 'restart',
  title: 'Restart',
  verify,
  restarts: true,
  parameters: z.unknown(),
  plan,
  changed: async () => undefined,
  halt: async () => ({ outcome: { result: 'halted', text: '' }, offers: [] }),
  execute: async () => ({ effect: {} }),
  follow: async () => ({ result: 'succeeded', text: '' }),
  inspect: async () => '',
})

interface Setting {
  readonly kind?: RemediationKind
  readonly diagnosis?: Diagnosis
  readonly mode?: Mode
  readonly spec?: Partial<RemediationSpec>
  readonly signal?: AbortSignal
  readonly service?: Partial<Service>
  readonly earlier?: readonly Incident[]
}

async function proposed(setting: Setting) {
  const log = aLog()
  const surroundings = world()
  const { ports } = surroundings
  const kind = setting.kind ?? aKind(async () => [aPlan()])
  const spec = {
    kind: 'restart',
    when: ['leak'],
    minimumConfidence: 0.6,
    fixes: [],
    parameters: { deadline: 1 },
    ...setting.spec,
  }
  const remediations = await propose(
    {
      ...ports,
      log,
      now: () => NOW,
      remediations: new Map([[kind.kind, kind]]),
      store: { ...ports.store, incidents: async () => setting.earlier ?? [] },
    },
    anIncident(),
    {
      investigation: INVESTIGATION,
      runbook: aRunbook({ remediations: [spec] }),
      diagnosis: setting.diagnosis ?? sure('leak', 0.9),
      findings: [aFinding()],
      service: aService({ mode: setting.mode ?? 'act', ...setting.service }),
    },
    setting.signal ?? new AbortController().signal,
  )
  await surroundings.stop()
  return { remediations, log }
}

describe('what is offered', () => {
  it('is planned, open for a quarter of an hour, and bound to its diagnosis', async () => {
    const asked: unknown[] = []
    const kind = aKind(async (context, parameters) => {
      asked.push(context.service.name, context.incidentId, parameters)
      return [aPlan({ button: 'Restart a' }), aPlan({ button: 'Restart b' })]
    })
    const { remediations } = await proposed({ kind })
    expect(asked).toEqual(['inference', 'pd-Q1', { deadline: 1 }])
    expect(remediations).toHaveLength(2)
    expect(remediations[0]).toMatchObject({
      kind: 'restart',
      state: 'proposed',
      investigationId: 'inv-1',
      hypothesis: 'leak',
      plan: { button: 'Restart a' },
      proposedAt: NOW,
      expiresAt: NOW + OFFER_MS,
      severity: 'critical',
      verifyAfterMs: 60_000,
      verifyAgainAfterMs: 1_800_000,
    })
    expect(new Set(remediations.map(({ id }) => id)).size).toBe(2)
  })

  it.each<[string, Setting, number]>([
    ['for the explanation that leads', {}, 1],
    ['where the service only proposes', { mode: 'propose' }, 1],
    ['not where the service is only observed', { mode: 'observe' }, 0],
    ['not for another explanation', { diagnosis: sure('surge', 0.97) }, 0],
    ['not when it is not sure enough', { diagnosis: sure('leak', 0.59) }, 0],
    ['when it is just sure enough', { diagnosis: sure('leak', 0.6) }, 1],
    ['not when nothing leads', { diagnosis: aDiagnosis() }, 0],
    ['not when nobody knows how', { spec: { kind: 'gone' } }, 0],
  ])('is %s', async (_, setting, count) => {
    expect((await proposed(setting)).remediations).toHaveLength(count)
  })

  it('is not measured afterwards where there is nothing to measure', async () => {
    const { remediations } = await proposed({ kind: aKind(async () => [aPlan()], false) })
    expect(remediations[0]?.verifyAfterMs).toBeUndefined()
  })

  it.each<[string, RemediationKind['plan'], string, number]>([
    [
      'is blocked',
      async () => [aPlan({ preflight: [{ what: 'paused', verdict: 'failed', text: 'web is paused.' }] })],
      'web is paused.',
      0,
    ],
    [
      'cannot be planned',
      () => Promise.reject(new RemediationError('none', 'No write credentials.')),
      'Not offered: No write credentials.',
      0,
    ],
    [
      'has a bug',
      () => Promise.reject(new TypeError('x')),
      'Not offered: it could not be planned; the log says why.',
      1,
    ],
  ])('is shown without a button when it %s', async (_, plan, text, logged) => {
    const { remediations, log } = await proposed({ kind: aKind(plan) })
    expect(remediations).toMatchObject([{ state: 'blocked', plan: { preflight: [{ verdict: 'failed', text }] } }])
    expect(log.messages('error')).toHaveLength(logged)
  })

  it('does not wait for a plan that never comes', async () => {
    const never = () => new Promise<never>(() => undefined)
    const { remediations } = await proposed({ kind: aKind(never), signal: AbortSignal.timeout(20) })
    expect(remediations[0]?.plan.preflight?.[0]?.text).toBe('Not offered: it could not be planned within 5 s.')
  })
})

describe('an offer of one more restart', () => {
  const HOUR_MS = 3_600_000
  const workload = { cluster: 'prod', namespace: 'ml', kind: 'Deployment', name: 'web' } as const
  const plan = aPlan({ target: { service: 'inference', workload } })
  const restartedAt = (...hoursAgo: readonly number[]) =>
    hoursAgo.map((hours, index) =>
      anIncident({
        id: `pd-${index}`,
        remediations: [
          aRemediation({
            kind: 'restart',
            plan,
            state: 'succeeded',
            effect: { generation: 2 },
            executingSince: NOW - hours * HOUR_MS,
            finishedAt: NOW - hours * HOUR_MS + 60_000,
            outcome: { result: 'succeeded', text: '' },
          }),
        ],
      }),
    )

  it.each<[string, readonly number[], Partial<Service>, number | undefined, string | undefined]>([
    ['the first', [], {}, undefined, undefined],
    ['the second in a day', [5], {}, undefined, undefined],
    [
      'the third in a day, each having bought less',
      [8, 3],
      {},
      2,
      'it would be the third restart in 24 h; those before bought 5 h, 3 h, each less than the last',
    ],
    [
      'the third in a day, each having bought more',
      [8, 5],
      {},
      2,
      'it would be the third restart in 24 h; those before bought 3 h, 5 h',
    ],
    ['the third in two days', [30, 5], {}, undefined, undefined],
    [
      'the second, where one is the budget',
      [2],
      { restartBudget: { restarts: 1, withinMs: 6 * HOUR_MS } },
      2,
      'it would be the second restart in 6 h; the one before bought 2 h',
    ],
  ])('is %s: %j hours ago', async (_, hours, service, needed, because) => {
    const setting = { kind: aKind(async () => [plan]), earlier: restartedAt(...hours), service }
    const { remediations } = await proposed(setting)
    expect(remediations[0]?.approvalsNeeded).toBe(needed)
    expect(remediations[0]?.approvalsBecause).toBe(because)
  })

  it('needs a second person where what was done before cannot be read', async () => {
    const surroundings = world()
    const kind = aKind(async () => [plan])
    const [remediation] = await propose(
      {
        ...surroundings.ports,
        remediations: new Map([[kind.kind, kind]]),
        store: { ...surroundings.ports.store, incidents: () => Promise.reject(new Error('disk')) },
      },
      anIncident(),
      {
        investigation: INVESTIGATION,
        runbook: aRunbook({
          remediations: [{ kind: 'restart', when: ['leak'], minimumConfidence: 0.6, fixes: [], parameters: {} }],
        }),
        diagnosis: sure('leak', 0.9),
        findings: [aFinding()],
        service: aService(),
      },
      new AbortController().signal,
    )
    await surroundings.stop()
    expect(remediation?.approvalsNeeded).toBe(2)
  })
})

it('what the preflight suggests instead is planned and offered beside it', async () => {
  const surroundings = world()
  const rolling = { ...aKind(async () => [aPlan({ instead: { kind: 'ordered', parameters: { settle: 1 } } })]) }
  const ordered: RemediationKind = { ...aKind(async () => [aPlan({ button: 'One at a time' })]), kind: 'ordered' }
  const offered = await propose(
    {
      ...surroundings.ports,
      remediations: new Map([
        ['restart', rolling],
        ['ordered', ordered],
      ]),
    },
    anIncident(),
    {
      investigation: INVESTIGATION,
      runbook: aRunbook({
        remediations: [{ kind: 'restart', when: ['leak'], minimumConfidence: 0.6, fixes: [], parameters: {} }],
      }),
      diagnosis: sure('leak', 0.9),
      findings: [aFinding()],
      service: aService(),
    },
    new AbortController().signal,
  )
  await surroundings.stop()
  expect(offered.map(({ kind, plan }) => `${kind}: ${plan.button}`)).toEqual([
    'restart: Restart inference-prod',
    'ordered: One at a time',
  ])
})
