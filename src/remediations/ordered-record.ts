import { z } from 'zod'
import { recordedPods } from './recorded-pods.ts'

/** Fixed when planned. */
export const planned = z.object({
  deadlineMs: z.number(),
  settleMs: z.number(),
  estimateMs: z.number().optional(),
  first: z.string().optional(),
})

/** What the execution leaves to be followed: the pods to go, in their order. */
export const followed = z.object({ startedAt: z.number(), pods: recordedPods })
