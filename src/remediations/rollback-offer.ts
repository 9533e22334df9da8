import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Workload } from '../domain/service.ts'
import type { FollowOn } from './remediation.ts'
import { keyOf, only } from './which-workloads.ts'

const DEADLINE_MS = 15 * 60_000

/** What going back takes. */
export const rollbackParameters = z.strictObject({
  toRevision: z
    .number()
    .int()
    .positive()
    .meta({ description: 'The revision, as `kubectl rollout history` counts them.' }),
  deadline: duration().prefault('15m').meta({ description: 'How long it may take before it counts as failed.' }),
  only,
})

/** To be offered where a rollout of a Deployment was halted. */
export function rollbackOffer(workload: Workload, toRevision: number): FollowOn {
  const parameters: z.output<typeof rollbackParameters> = { toRevision, deadline: DEADLINE_MS, only: keyOf(workload) }
  return { kind: 'rollback', parameters }
}
