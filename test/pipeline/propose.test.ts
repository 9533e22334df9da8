import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import type { Diagnosis } from '../../src/domain/diagnosis.ts'
import type { Investigation } from '../../src/domain/incident.ts'
import type { RemediationSpec } from '../../src/domain/runbook.ts'
import type { Mode } from '../../src/domain/service.ts'
import { OFFER_MS, propose } from '../../src/pipeline/propose.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'
import { RemediationError } from '../../src/remediations/remediation.ts'
import { anIncident, aPlan, aRunbook, aService, NOW } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { world } from '../fakes/world.ts'

const INVESTIGATION: Investigation = {
  id: 'inv-1',
  reason: 'triggered',
  state: 'running',
  startedAt: NOW,
} as never // only the id is read

const sure = (id: string, confidence: number): Diagnosis => ({
  leading: { id, title: id, confidence, weights: [] },
  conclusion: '',
  says: [],
  ranked: [],
  ruledOut: [],
  unknown: [],
  contradictions: [],
  now: [],
  fix: [],
  answered: 1,
  asked: 1,
})

const aKind = (plan: RemediationKind['plan'], verify = true): RemediationKind => ({
  kind: 'restart',
  title: 'Restart',
  verify,
  parameters: z.unknown(),
  plan,
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
}

async function proposed(setting: Setting) {
  const log = aLog()
  const surroundings = world()
  const { ports } = surroundings
  const kind = setting.kind ?? aKind(async () => [aPlan()])
  const spec = { kind: 'restart', when: ['leak'], minimumConfidence: 0.6, parameters: { deadline: 1 }, ...setting.spec }
  const remediations = await propose(
    { ...ports, log, now: () => NOW, remediations: new Map([[kind.kind, kind]]) },
    anIncident(),
    INVESTIGATION,
    aRunbook({ remediations: [spec] }),
    setting.diagnosis ?? sure('leak', 0.9),
    aService({ mode: setting.mode ?? 'act' }),
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
      verifyAfterMs: 60_000,
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
    ['not when nothing leads', { diagnosis: { ...sure('leak', 1), leading: undefined } as never }, 0],
    ['not when nobody knows how', { spec: { kind: 'gone' } }, 0],
  ])('is %s', async (_, setting, count) => {
    expect((await proposed(setting)).remediations).toHaveLength(count)
  })

  it('is not measured afterwards where there is nothing to measure', async () => {
    const { remediations } = await proposed({ kind: aKind(async () => [aPlan()], false) })
    expect(remediations[0]?.verifyAfterMs).toBeUndefined()
  })

  it.each<[string, RemediationKind['plan'], string, number]>([
    ['is blocked', async () => [aPlan({ blocked: 'web is paused.' })], 'web is paused.', 0],
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
    expect(remediations).toMatchObject([{ state: 'void', outcome: { result: 'void', text }, finishedAt: NOW }])
    expect(log.messages('error')).toHaveLength(logged)
  })

  it('does not wait for a plan that never comes', async () => {
    const never = () => new Promise<never>(() => undefined)
    const { remediations } = await proposed({ kind: aKind(never), signal: AbortSignal.timeout(20) })
    expect(remediations[0]?.outcome?.text).toBe('Not offered: it could not be planned within 5 s.')
  })
})
