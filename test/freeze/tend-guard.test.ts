import { describe, expect, it } from '@jest/globals'
import { tendGuard } from '../../src/freeze/tend-guard.ts'
import { NOW } from '../builders.ts'
import { aGuardedFreeze, anExemption } from './builders.ts'
import { aGuard, hanging } from './guards.ts'

const WEB = { cluster: 'prod', namespace: 'shop', kind: 'Deployment', name: 'web' } as const
const F1 = aGuardedFreeze({}, [WEB])
const F2 = aGuardedFreeze({ id: 'F2' }, [WEB])

function tended() {
  let at = NOW
  const fake = aGuard()
  const { tend } = tendGuard(fake.guard, { now: () => at, withinMs: 50 })
  return {
    ...fake,
    tend,
    later: (ms: number) => {
      at += ms
    },
  }
}

describe('a guard', () => {
  it('is told what to enforce each time, and tried when that changed', async () => {
    const { tend, enforced, probed, later } = tended()
    expect(await tend([F1])).toEqual({ proofs: new Map([['F1', { state: 'proved', at: NOW }]]) })
    later(60_000)
    expect((await tend([F1])).proofs.get('F1')).toEqual({ state: 'proved', at: NOW })
    await tend([F1, F2])
    await tend([F2])
    await tend([])
    expect(enforced).toEqual([['F1'], ['F1'], ['F1', 'F2'], ['F2'], []])
    expect(probed).toEqual(['F1', 'F1', 'F2', 'F2'])
  })

  it.each([
    ['its end', { until: NOW + 9 * 3_600_000 }],
    ['an exemption', { exemptions: [anExemption('deploy', 'v48')] }],
  ])('is tried again when %s changed', async (_what, change) => {
    const { tend, probed } = tended()
    await tend([F1])
    await tend([aGuardedFreeze(change, [WEB])])
    expect(probed).toEqual(['F1', 'F1'])
  })

  it('is tried again when its last proof is 5 minutes old', async () => {
    const { tend, probed, later } = tended()
    await tend([F1])
    later(299_999)
    await tend([F1])
    expect(probed).toHaveLength(1)
    later(1)
    expect((await tend([F1])).proofs.get('F1')).toEqual({ state: 'proved', at: NOW + 300_000 })
  })

  it('that lets a deploy through is tried again each time, and is trouble', async () => {
    const { tend, probed, answers } = tended()
    answers(async () => ({ state: 'open', text: 'The policy is not bound.' }))
    for (const turn of [1, 2]) {
      const { proofs, trouble } = await tend([F1])
      expect([turn, proofs.get('F1')?.state, trouble]).toEqual([turn, 'open', 'The policy is not bound.'])
    }
    expect(probed).toHaveLength(2)
  })

  it('that cannot enforce is tried all the same, and says why', async () => {
    const { tend, enforcing, answers } = tended()
    enforcing(() => Promise.reject(new Error('its ConfigMap is gone')))
    answers(async () => ({ state: 'open' }))
    const { proofs, trouble } = await tend([F1])
    expect(proofs.get('F1')).toEqual({ state: 'open', at: NOW, text: 'its ConfigMap is gone' })
    expect(trouble).toBe('its ConfigMap is gone')
  })

  it('that could not enforce is tried anew once it can', async () => {
    const { tend, enforcing, probed } = tended()
    await tend([F1])
    enforcing(() => Promise.reject(new Error('503')))
    await tend([F1])
    enforcing(async () => undefined)
    expect(await tend([F1])).not.toHaveProperty('trouble')
    expect(probed).toHaveLength(3)
  })

  it('of which a probe fails is unknown for that freeze alone', async () => {
    const { tend, answers } = tended()
    answers(async ({ freeze }) => {
      if (freeze.id === 'F1') throw new Error('refused by somebody else')
      return { state: 'proved' }
    })
    const { proofs } = await tend([F1, F2])
    expect([...proofs.values()]).toEqual([
      { state: 'unknown', at: NOW, text: 'refused by somebody else' },
      { state: 'proved', at: NOW },
    ])
  })

  it('that hangs is unknown in time, is told to end, and is not told anything else until it has', async () => {
    const { tend, enforcing, enforced } = tended()
    let seen: AbortSignal | undefined
    let end = (): void => undefined
    enforcing((signal) => {
      seen = signal
      return new Promise((resolve) => {
        end = resolve
      })
    })
    const first = await tend([F1])
    expect([first.proofs.get('F1')?.state, first.trouble]).toEqual(['unknown', 'it did not answer within 0.05 s'])
    expect(seen?.aborted).toBe(true)
    expect((await tend([F1, F2])).trouble).toBe('an earlier attempt has not ended yet')
    expect(enforced).toEqual([])
    end()
    enforcing(async () => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await tend([F2])).not.toHaveProperty('trouble')
    expect(enforced).toEqual([['F1'], ['F2']])
  })

  it('whose probe hangs is unknown, and nothing is believed of before', async () => {
    const { tend, answers, probed } = tended()
    await tend([F1])
    answers(hanging)
    expect((await tend([F1, F2])).proofs.get('F1')?.state).toBe('unknown')
    expect(probed).toEqual(['F1', 'F1', 'F2'])
  })
})
