import type { V1ObjectMeta } from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { Applied, DryRun } from '../remediations/cluster.ts'
import { RemediationError } from '../remediations/remediation.ts'
import type { ClusterApi, PatchType } from './connect.ts'
import { describe } from './describe.ts'
import { apiFailure } from './errors.ts'
import { failedChange } from './failures.ts'

/** How a change is sent: for good, or for the API server to try; where its warnings go. */
export interface Manner {
  readonly signal: AbortSignal
  readonly dryRun?: 'All'
  readonly warnings?: string[]
}

const FIELD_MANAGER = 'incbot'

/** Carries out a change that is fenced by a `resourceVersion`: 409 says that somebody wrote first and nothing of ours happened. */
export async function applied(
  cluster: string,
  what: string,
  change: () => Promise<{ readonly metadata?: V1ObjectMeta }>,
): Promise<Applied> {
  try {
    const { metadata } = await change()
    return { result: 'applied', generation: metadata?.generation ?? 0 }
  } catch (error) {
    if (apiFailure(error).status === 409) return { result: 'conflict' }
    throw failedChange(cluster, what, error)
  }
}

/** Has a change tried with `dryRun=All`. What the API server refuses is an answer; silence, overload and its own faults are none. */
export async function tried(
  cluster: string,
  what: string,
  signal: AbortSignal,
  change: (manner: Manner) => Promise<unknown>,
): Promise<DryRun> {
  const warnings: string[] = []
  try {
    await change({ signal, dryRun: 'All', warnings })
    return { ok: true, warnings }
  } catch (error) {
    const { status, message } = apiFailure(error)
    if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429)
      return { ok: false, text: message }
    const { message: text } = failedChange(cluster, `dry run of the ${what}`, error)
    throw new RemediationError('none', text, error)
  }
}

export function patchWorkload(
  api: ClusterApi,
  { kind, namespace, name }: Workload,
  type: PatchType,
  body: object,
  { signal, dryRun, warnings }: Manner,
): Promise<{ readonly metadata?: V1ObjectMeta }> {
  const options = api.options(signal, type, warnings)
  const request = { namespace, name, body, fieldManager: FIELD_MANAGER, ...(dryRun && { dryRun }) }
  switch (kind) {
    case 'Deployment':
      return api.apps.patchNamespacedDeployment(request, options)
    case 'StatefulSet':
      return api.apps.patchNamespacedStatefulSet(request, options)
    case 'DaemonSet':
      return api.apps.patchNamespacedDaemonSet(request, options)
  }
}

/** Throws `RemediationError` for a DaemonSet, whose size is that of its cluster. */
export function patchScale(
  api: ClusterApi,
  workload: Workload,
  body: object,
  { signal, dryRun, warnings }: Manner,
): Promise<{ readonly metadata?: V1ObjectMeta }> {
  const { kind, namespace, name } = workload
  const options = api.options(signal, 'application/merge-patch+json', warnings)
  const request = { namespace, name, body, fieldManager: FIELD_MANAGER, ...(dryRun && { dryRun }) }
  switch (kind) {
    case 'Deployment':
      return api.apps.patchNamespacedDeploymentScale(request, options)
    case 'StatefulSet':
      return api.apps.patchNamespacedStatefulSetScale(request, options)
    case 'DaemonSet':
      throw new RemediationError(
        'none',
        `${describe(workload)} has no number of pods that could be set: it runs one on every node that it selects.`,
      )
  }
}

export function patchAutoscaler(
  api: ClusterApi,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  body: object,
  { signal, dryRun, warnings }: Manner,
): Promise<{ readonly metadata?: V1ObjectMeta }> {
  return api.autoscaling.patchNamespacedHorizontalPodAutoscaler(
    { namespace, name, body, fieldManager: FIELD_MANAGER, ...(dryRun && { dryRun }) },
    api.options(signal, 'application/merge-patch+json', warnings),
  )
}
