import { describe, expect, it } from '@jest/globals'
import type { V1ObjectMeta, V1Pod } from '@kubernetes/client-node'
import { budgetsFor, observedPod } from '../../src/kubernetes/observations.ts'
import type { ObservedPod } from '../../src/remediations/cluster.ts'

const AT = new Date('2026-03-15T03:42:00Z')
const aPod = (status: string, more: Partial<V1ObjectMeta> = {}): V1Pod => ({
  metadata: Object.assign({ name: 'p', creationTimestamp: AT }, more),
  status: { conditions: [{ type: 'Ready', status, lastTransitionTime: new Date(AT.getTime() + 40_000) }] },
})

describe('pods', () => {
  it.each<[string, V1Pod, Partial<ObservedPod>]>([
    ['is not ready', aPod('False'), { ready: false, startMs: undefined }],
    ['is ready', aPod('True'), { ready: true, startMs: 40_000, terminating: false }],
    ['goes', aPod('True', { deletionTimestamp: AT }), { terminating: true }],
    [
      'has been there since before its clock was set',
      aPod('True', { creationTimestamp: new Date(AT.getTime() + 90_000) }),
      { startMs: 0 },
    ],
    ['says nothing of itself', {}, { name: '', ready: false, startMs: undefined, stopMs: 30_000 }],
    ['takes its time to stop', { spec: { containers: [], terminationGracePeriodSeconds: 120 } }, { stopMs: 120_000 }],
  ])('of which one %s', (_, pod, seen) => expect(observedPod(pod)).toMatchObject(seen))
})

describe('disruption budgets', () => {
  it('that their controller has not looked at since they were changed allow nothing', () => {
    const budget = (observedGeneration: number) => ({
      metadata: { name: 'web', generation: 2 },
      spec: { selector: {} },
      status: { observedGeneration, disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 },
    })
    expect(budgetsFor({ app: 'web' }, [budget(1), budget(2)])).toMatchObject([
      { disruptionsAllowed: 0 },
      { disruptionsAllowed: 1 },
    ])
  })
})
