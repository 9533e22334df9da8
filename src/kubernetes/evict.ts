import type { ClusterWriter, PodIdentity } from '../remediations/cluster.ts'
import type { ClusterApi } from './connect.ts'
import { apiFailure } from './errors.ts'
import { failedChange } from './failures.ts'

type Evicted = Awaited<ReturnType<ClusterWriter['evict']>>

/**
 * Evicts one pod by its uid. A pod that is no longer there, or has another uid by now, is gone; a budget's refusal is looked behind first,
 * because the API server asks the budget before it compares the uid.
 */
export async function evict(
  cluster: string,
  api: ClusterApi,
  namespace: string,
  { name, uid }: PodIdentity,
  signal: AbortSignal,
): Promise<Evicted> {
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  }
  try {
    await api.core.createNamespacedPodEviction({ namespace, name, body }, api.options(signal))
    return { result: 'evicted' }
  } catch (error) {
    const { status, message, causes } = apiFailure(error)
    if (status === 404) return { result: 'gone' }
    if (status !== 409 && status !== 429) throw failedChange(cluster, `eviction of pod ${namespace}/${name}`, error)
    if (await isGone(api, namespace, { name, uid }, signal)) return { result: 'gone' }
    return { result: 'refused', text: causes.length > 0 ? causes.join(' ') : message }
  }
}

/** By a list, since `list pods` is a permission that the account has anyway. Where it cannot be told, the pod counts as still there. */
async function isGone(
  api: ClusterApi,
  namespace: string,
  { name, uid }: PodIdentity,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const request = { namespace, fieldSelector: `metadata.name=${name}` }
    const { items } = await api.core.listNamespacedPod(request, api.options(signal))
    return !items.some(({ metadata }) => metadata?.uid === uid)
  } catch {
    return false
  }
}
