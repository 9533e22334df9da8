import type { Workload } from '../domain/service.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { describe, toRead } from './describe.ts'
import type { Ask } from './failures.ts'
import { readTemplate } from './revisions.ts'
import { readWorkload } from './workloads.ts'

/** The template of an earlier revision. Throws `RemediationError` where there is none. */
export async function templateToRestore(
  ask: Ask,
  workload: Workload,
  revision: number,
  signal: AbortSignal,
): Promise<object> {
  const what = `read revision ${revision} of ${describe(workload)}`
  const template = await ask(what, async (api, need) => {
    const object = await need(toRead(workload), readWorkload(api, workload, signal))
    return need(
      `list replicasets in namespace ${workload.namespace}`,
      readTemplate(api, workload, object, revision, signal),
    )
  })
  if (template === undefined)
    throw new RemediationError(
      'none',
      `${describe(workload)} has no revision ${revision} any more, so nothing was rolled back. What it has: kubectl rollout history.`,
    )
  return template
}
