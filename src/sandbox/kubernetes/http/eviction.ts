import { deleteObject } from '../deletion.ts'
import { isJsonObject } from '../json.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import { decode } from '../schema/decode.ts'
import { selectorMatches } from '../selectors.ts'
import { ApiError, badRequest, notFound } from '../status-error.ts'
import type { Pod, PodDisruptionBudget } from '../workloads.ts'
import { type ApiReply, type ApiRequest, objectBody, option } from './api-request.ts'

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }

/** Deletes a pod unless a disruption budget forbids it now: then 429 with the cause `DisruptionBudget`. */
export function evict(registry: Registry, request: ApiRequest): ApiReply {
  const { namespace, name = '' } = request
  const pods = servedResource('Pod')
  const pod = registry.store.get('Pod', namespace, name)
  if (!pod) throw notFound(pods, name)
  const { value, typeErrors } = decode('Eviction', objectBody(request, 'Eviction'))
  if (typeErrors[0]) throw badRequest(typeErrors[0])
  const options = isJsonObject(value.deleteOptions) ? value.deleteOptions : {}
  const inBody = Array.isArray(options.dryRun) && options.dryRun.includes('All')
  const dryRun = inBody || option(request.query, 'dryRun', 'CreateOptions', ['All']) !== undefined
  // A pod that serves nobody can be evicted whatever the budgets say.
  if (pod.status.phase === 'Running' && pod.metadata.deletionTimestamp === undefined) claim(registry, pod, dryRun)
  deleteObject(registry, pods, pod, { ...options, dryRun })
  return { status: 201, body: SUCCESS }
}

/** Takes one of the disruptions that the pod's budget allows. */
function claim(registry: Registry, pod: Pod, dryRun: boolean): void {
  const budgets = registry.store
    .list('PodDisruptionBudget', pod.metadata.namespace)
    .filter(({ spec }) => selectorMatches(spec.selector, pod.metadata.labels))
  const [budget, second] = budgets
  if (!budget) return
  if (second) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    throw new ApiError(500, 'InternalError', message)
  }
  const allowed = budget.status.disruptionsAllowed ?? 0
  if (budget.status.observedGeneration !== budget.metadata.generation || allowed <= 0) throw refusal(budget)
  if (dryRun) return
  const status = { ...budget.status, disruptionsAllowed: allowed - 1 }
  registry.update('PodDisruptionBudget', budget, { ...budget, status }, 'status')
}

function refusal({ metadata, status }: PodDisruptionBudget): ApiError {
  const { desiredHealthy = 0, currentHealthy = 0 } = status
  const message = `The disruption budget ${metadata.name} needs ${String(desiredHealthy)} healthy pods and has ${String(currentHealthy)} currently`
  return new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
  })
}
