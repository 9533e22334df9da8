import { z } from 'zod'
import { duration } from '../config/fields.ts'
import { recordedPods } from './recorded-pods.ts'
import { only } from './which-workloads.ts'

const pods = z.number().int().min(1).max(10_000)

/** How many more, and how many at most. */
export const scaleParameters = z.strictObject({
  by: z
    .number()
    .gt(1, { error: 'expected a factor above 1: this never takes pods away' })
    .max(10)
    .default(1.3)
    .meta({ description: 'How many times as many pods as now, rounded up.' }),
  to: pods.meta({ description: 'So many pods, instead of `by`.' }).exactOptional(),
  atMost: pods.meta({ description: 'Never more pods than this, whatever `by` comes to.' }).exactOptional(),
  deadline: duration()
    .prefault('15m')
    .meta({ description: 'How long it may take until all of them are ready before it counts as failed.' }),
  nodesMayCome: z.boolean().default(false).meta({
    description: 'Whether something adds nodes when pods find no room; missing room is then no reason not to offer it.',
  }),
  only,
})

/** Fixed when planned. */
export const planned = z.object({
  to: z.number(),
  before: z.number(),
  deadlineMs: z.number(),
  estimateMs: z.number().optional(),
  /** Where an autoscaler sets the size: which one, and the minimum that it had. */
  autoscalerUid: z.string().optional(),
  minimum: z.number().optional(),
})
export type PlannedScale = z.output<typeof planned>

/** What the execution leaves to be followed: the pods that were there before. */
export const followed = z.object({ startedAt: z.number(), pods: recordedPods })

/** How many pods there shall be. */
export function goalOf(now: number, { by, to, atMost }: z.output<typeof scaleParameters>): number {
  // 10 × 1.1 is a little more than 11 to a computer.
  const wanted = to ?? Math.ceil(now * by - 1e-9)
  return Math.min(wanted, atMost ?? wanted)
}
