import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { memoryTrend } from '../../src/checks/memory-trend.ts'
import { NOW } from '../builders.ts'
import type { Replica } from './a-context.ts'
import { aContext, GB, HOUR_MS, unrest } from './a-context.ts'

const rising = (name: string, from: number, perHour: number): Replica => ({
  name,
  bytes: (at) => (from + perHour * (6 - (NOW - at) / HOUR_MS)) * GB + unrest(at),
})
const replicas = [
  rising('p-0', 4, 0),
  rising('p-1', 6, 1.5),
  rising('p-2', 10, 3),
  rising('p-3', 20, 0),
  rising('p-4', 8, 0.1),
]

const finding = (order: readonly Replica[]) =>
  memoryTrend.run(aContext({ replicas: order }), memoryTrend.parameters.parse({}))

it('finds the same whatever the order in which replicas are listed', async () => {
  const usual = await finding(replicas)
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(replicas, { minLength: replicas.length }), async (order) => {
      expect(await finding(order)).toEqual(usual)
    }),
    { numRuns: 15 },
  )
})
