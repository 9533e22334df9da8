import type { V1Pod, V1PodDisruptionBudget, V2HorizontalPodAutoscaler } from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { Autoscaler, Budget, ObservedPod } from '../remediations/cluster.ts'
import { isReady, restartsOf } from './pod-trouble.ts'
import { selects } from './selectors.ts'
import { timeOf } from './workloads.ts'

/** Kubernetes' own default for pods that say nothing. */
const GRACE_SECONDS = 30

export function observedPod(pod: V1Pod): ObservedPod {
  const ready = isReady(pod)
  return {
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    node: pod.spec?.nodeName,
    ready,
    restarts: restartsOf(pod),
    startMs: ready ? startMs(pod) : undefined,
    stopMs: (pod.spec?.terminationGracePeriodSeconds ?? GRACE_SECONDS) * 1_000,
    terminating: pod.metadata?.deletionTimestamp !== undefined,
  }
}

function startMs({ metadata, status }: V1Pod): number | undefined {
  const createdAt = timeOf(metadata?.creationTimestamp)
  const readyAt = timeOf(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime)
  return createdAt === undefined || readyAt === undefined ? undefined : Math.max(0, readyAt - createdAt)
}

/** The budgets whose selector takes the pods' labels. One that its controller has not looked at yet allows nothing, as the Eviction API sees it. */
export function budgetsFor(
  labels: Readonly<Record<string, string>>,
  budgets: readonly V1PodDisruptionBudget[],
): readonly Budget[] {
  return budgets
    .filter(({ spec }) => selects(spec?.selector, labels))
    .map(({ metadata, status }) => {
      const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
      return {
        name: metadata?.name ?? '',
        disruptionsAllowed: seen ? (status?.disruptionsAllowed ?? 0) : 0,
        currentHealthy: status?.currentHealthy ?? 0,
        desiredHealthy: status?.desiredHealthy ?? 0,
      }
    })
}

/** The autoscaler whose target is the workload; the first by name, should there be several. */
export function autoscalerOf(
  { kind, namespace, name }: Workload,
  autoscalers: readonly V2HorizontalPodAutoscaler[],
): Autoscaler | undefined {
  const found = autoscalers.find(({ spec }) => {
    const target = spec?.scaleTargetRef
    return target?.kind === kind && target.name === name && (target.apiVersion ?? 'apps/v1').startsWith('apps/')
  })
  if (found === undefined) return undefined
  return {
    namespace,
    name: found.metadata?.name ?? '',
    resourceVersion: found.metadata?.resourceVersion ?? '',
    uid: found.metadata?.uid ?? '',
    minReplicas: found.spec?.minReplicas ?? 1,
    maxReplicas: found.spec?.maxReplicas ?? 1,
    currentReplicas: found.status?.currentReplicas ?? 0,
  }
}
