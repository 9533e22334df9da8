import { describe, expect, it } from '@jest/globals'
import { deployFreeze } from '../../src/remediations/deploy-freeze.ts'
import type { RemediationContext } from '../../src/remediations/remediation.ts'
import { aPlan, aService, NOW } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { aFreeze } from './play.ts'

const HOUR_MS = 3_600_000
const execution = { id: 'r-1', by: 'U0ANA', approvedAt: NOW, reason: 'Memory Usage > 95%' }

function aContext(change: Partial<RemediationContext> = {}): RemediationContext {
  const nowhere = () => {
    throw new Error('A freeze touches no cluster.')
  }
  return {
    service: aService(),
    incidentId: 'pd-Q1',
    now: () => NOW,
    writer: nowhere,
    observer: nowhere,
    measure: nowhere,
    history: async () => [],
    switchedOff: async () => undefined,
    freezes: memoryStore(),
    signal: AbortSignal.timeout(1_000),
    ...change,
  }
}

const planFor = async (context: RemediationContext, parameters: object = {}) => {
  const [plan] = await deployFreeze.plan(context, deployFreeze.parameters.parse(parameters))
  return plan ?? aPlan()
}

describe('a deploy freeze', () => {
  it('lasts two hours unless told otherwise', async () => {
    expect(await planFor(aContext())).toEqual({
      target: { service: 'inference' },
      button: 'Freeze deploys for 2 h',
      summary: 'Refuse model deploys of inference for 2 h, wherever it is enforced',
      blastRadius: 'Refuses model deploys of inference for 2 h; nothing that runs is touched.',
      details: ['It ends by itself, or with `/inc unfreeze`. A deploy that asks nowhere is not stopped.'],
      preflight: [{ what: 'no other freeze', verdict: 'passed', text: 'No freeze of it holds.' }],
      parameters: { durationMs: 2 * HOUR_MS, reason: '' },
    })
  })

  it.each<[unknown, string | undefined]>([
    ['90m', 'Freeze deploys for 90 min'],
    [60_000, 'Freeze deploys for 1 min'],
    ['7d', 'Freeze deploys for 168 h'],
    ['59s', undefined],
    ['8d', undefined],
    [0, undefined],
    [-1, undefined],
    ['long', undefined],
  ])('may last %j', async (duration, button) => {
    const parsed = deployFreeze.parameters.safeParse({ duration })
    const [plan] = parsed.success ? await deployFreeze.plan(aContext(), parsed.data) : []
    expect([parsed.success, plan?.button]).toEqual([button !== undefined, button])
  })

  it('refuses deploys until its time is up, in the name of whoever approved', async () => {
    const freezes = memoryStore()
    const context = aContext({ freezes })
    const result = await deployFreeze.execute(context, await planFor(context), execution)
    expect(result).toEqual({ effect: { frozenUntil: NOW + 2 * HOUR_MS } })
    expect(await freezes.activeFreezes(NOW, 'inference')).toEqual([
      {
        id: 'r-1',
        service: 'inference',
        scope: 'model',
        incidentId: 'pd-Q1',
        by: 'U0ANA',
        reason: 'Memory Usage > 95%',
        since: NOW,
        until: NOW + 2 * HOUR_MS,
      },
    ])
    expect(await freezes.activeFreezes(NOW + 2 * HOUR_MS, 'inference')).toEqual([])
  })

  it('has one effect when it is carried out twice, and the second does not prolong it', async () => {
    const freezes = memoryStore()
    const context = aContext({ freezes })
    const plan = await planFor(context)
    await deployFreeze.execute(context, plan, execution)
    const again = await deployFreeze.execute({ ...context, now: () => NOW + HOUR_MS }, plan, execution)
    expect(again).toEqual({ effect: { frozenUntil: NOW + 2 * HOUR_MS } })
    expect(await freezes.activeFreezes(NOW, 'inference')).toHaveLength(1)
  })

  it('gives the reason that was given', async () => {
    const freezes = memoryStore()
    const context = aContext({ freezes })
    await deployFreeze.execute(context, await planFor(context, { reason: 'cache leaks' }), execution)
    expect((await freezes.activeFreezes(NOW))[0]?.reason).toBe('cache leaks')
  })

  it('is closed while one holds, and names the one that holds longest', async () => {
    const freezes = memoryStore()
    await freezes.addFreeze(aFreeze())
    await freezes.addFreeze(aFreeze({ id: 'f-2', by: 'cat', until: NOW + 30 * HOUR_MS }))
    await freezes.addFreeze(aFreeze({ id: 'f-3', service: 'checkout', until: NOW + 99 * HOUR_MS }))
    expect((await planFor(aContext({ freezes }))).preflight).toEqual([
      {
        what: 'no other freeze',
        verdict: 'failed',
        overridable: false,
        text: 'inference is frozen already, until 16 Mar 09:42 UTC, by cat.',
        fix: 'Extend that one, or lift it first: `/inc unfreeze inference`.',
      },
    ])
  })

  it.each([
    ['model', 'Model deploys of inference are refused until 05:42 UTC.'],
    ['workload', 'Workload deploys of inference are refused until 05:42 UTC.'],
    ['all', 'Deploys of inference are refused until 05:42 UTC.'],
  ] as const)('of scope %s says what is refused, and until when', async (freezeScope, text) => {
    const context = aContext({ service: aService({ freezeScope }) })
    const effect = { frozenUntil: NOW + 2 * HOUR_MS }
    expect(await deployFreeze.follow(context, aPlan(), effect, () => {})).toEqual({ result: 'succeeded', text })
  })

  it('is out of date never, and cannot be stopped half-way', async () => {
    const context = aContext()
    const plan = await planFor(context)
    expect(await deployFreeze.changed(context, plan)).toBeUndefined()
    expect(await deployFreeze.halt(context, plan, { frozenUntil: NOW + HOUR_MS }, 'x')).toEqual({
      outcome: {
        result: 'succeeded',
        text: 'A freeze cannot be stopped half-way, so it holds: Model deploys of inference are refused until 04:42 UTC. To lift it: `/inc unfreeze inference`.',
      },
      offers: [],
    })
  })

  it('can be looked at after a crash', async () => {
    const freezes = memoryStore()
    const context = aContext({ freezes })
    const plan = await planFor(context)
    expect(await deployFreeze.inspect(context, plan, execution)).toBe('What can be seen: no such freeze holds.')
    await freezes.addFreeze(aFreeze())
    expect(await deployFreeze.inspect(context, plan, execution)).toBe('What can be seen: no such freeze holds.')
    await deployFreeze.execute(context, plan, execution)
    expect(await deployFreeze.inspect(context, plan, execution)).toBe('What can be seen: the freeze holds.')
  })

  it('does nothing with a plan that says nothing', async () => {
    const failure = deployFreeze.execute(aContext(), aPlan(), execution)
    await expect(failure).rejects.toMatchObject({ effect: 'none' })
  })
})
