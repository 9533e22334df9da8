import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { INCIDENT_DEPLOYS, planHistory } from '../../../../src/sandbox/world/model-serving/plan-history.ts'
import { PODS } from '../../../../src/sandbox/world/model-serving/service.ts'
import { seededRandom } from '../../../../src/sandbox/world/random.ts'

const NOW = Date.parse('2024-03-15T03:42:00Z')
const HOUR_MS = 3_600_000
const planned = (seed: number) => planHistory(PODS, NOW, seededRandom(seed))

describe('the planned past', () => {
  it('is the same for the same seed and differs for another', () => {
    expect(planned(1)).toEqual(planned(1))
    expect(planned(1).deploysAt).not.toEqual(planned(2).deploysAt)
  })

  it('has the 47 deploys of the incident in its last 3.7 hours, whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const recent = planned(seed).deploysAt.filter((at) => at >= NOW - 3.7 * HOUR_MS)
        expect(recent).toHaveLength(INCIDENT_DEPLOYS)
        expect(Math.max(...recent)).toBeLessThan(NOW)
      }),
    )
  })

  it('keeps deploys in order and more than a minute apart', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { deploysAt } = planned(seed)
        const gaps = deploysAt.slice(1).map((at, index) => at - (deploysAt[index] ?? 0))
        expect(Math.min(...gaps)).toBeGreaterThan(60_000)
      }),
    )
  })

  it('started the fullest pod before the first deploy of the incident, and every other pod after it', () => {
    const { starts, deploysAt } = planned(7)
    const first = deploysAt.find((at) => at >= NOW - 3.7 * HOUR_MS) ?? 0
    const lastStart = (pod: string) => Math.max(...starts.filter((one) => one.pod === pod).map(({ at }) => at))
    expect(lastStart('inference-prod-3')).toBeLessThan(first)
    for (const pod of PODS.slice(0, 3)) expect(lastStart(pod)).toBeGreaterThan(first)
  })
})
