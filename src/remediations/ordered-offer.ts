import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Workload } from '../domain/service.ts'
import type { FollowOn } from './remediation.ts'
import { keyOf, only } from './which-workloads.ts'

const HOUR_MS = 3_600_000

/** What an ordered restart takes, in a runbook and where another kind offers it instead of itself. */
export const orderedParameters = z.strictObject({
  settle: duration()
    .prefault('10s')
    .meta({ description: 'How long to wait after a new pod is ready before the next one goes.' }),
  deadline: duration().prefault('1h').meta({ description: 'How long all of it may take before it is stopped.' }),
  first: z.string().min(1).max(253).meta({ description: 'Name of the pod that goes first.' }).exactOptional(),
  only,
})

/** To be offered where a rollout would do nothing, or has no room. */
export function orderedInstead(workload: Workload): FollowOn {
  const parameters: z.output<typeof orderedParameters> = { settle: 10_000, deadline: HOUR_MS, only: keyOf(workload) }
  return { kind: 'ordered-restart', parameters }
}
