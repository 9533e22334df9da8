import type { Workload } from '../domain/service.ts'
import type { Applied } from '../remediations/cluster.ts'
import { applied, patchScale } from './changes.ts'
import type { ClusterApi } from './connect.ts'
import { describe, toRead } from './describe.ts'
import type { Ask } from './failures.ts'
import { scalePatch } from './patches.ts'
import { readWorkload } from './workloads.ts'

/**
 * Sets the number of pods. The answer to a scale does not tell the workload's generation, but the fence makes it certain: what is read here is
 * what is changed, or there is a conflict, and a change of the spec counts up by one.
 */
export async function resize(
  cluster: string,
  ask: Ask,
  connect: () => Promise<ClusterApi>,
  workload: Workload,
  replicas: number,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<Applied> {
  const { metadata, desired } = await ask(`read ${describe(workload)}`, (api, need) =>
    need(toRead(workload), readWorkload(api, workload, signal)),
  )
  if (metadata.resourceVersion !== resourceVersion) return { result: 'conflict' }
  const api = await connect()
  const result = await applied(cluster, `scaling of ${describe(workload)} to ${replicas}`, () =>
    patchScale(api, workload, scalePatch(replicas, resourceVersion), { signal }),
  )
  const generation = (metadata.generation ?? 0) + (desired === replicas ? 0 : 1)
  return result.result === 'conflict' ? result : { ...result, generation }
}
