import { type Condition, type KubeObject, timestamp } from '../object.ts'
import type { Registry } from '../registry.ts'
import type { Deployment, HorizontalPodAutoscaler, ReplicaSet, StatefulSet } from '../workloads.ts'
import { withCondition } from './deployment-status.ts'
import type { RecordEvent } from './events.ts'
import { type Controller, keyOf } from './loop.ts'

type Scalable = Deployment | ReplicaSet | StatefulSet

const KINDS = ['Deployment', 'ReplicaSet', 'StatefulSet'] as const

/**
 * Keeps a workload between an autoscaler's minimum and maximum, at once. There are no metrics here, so that within the bounds a workload
 * stays as large as somebody made it; one that is scaled to nothing is left alone, as the real controller leaves it.
 */
export function autoscalerController(registry: Registry, record: RecordEvent): Controller {
  const { store } = registry

  const targetOf = ({ metadata, spec }: HorizontalPodAutoscaler): Scalable | undefined => {
    const kind = KINDS.find((candidate) => candidate === spec.scaleTargetRef.kind)
    return kind && store.get(kind, metadata.namespace, spec.scaleTargetRef.name)
  }

  const rescale = (autoscaler: HorizontalPodAutoscaler, target: Scalable, replicas: number): void => {
    const kind = KINDS.find((candidate) => candidate === target.kind)
    if (kind === undefined) return
    const { resourceVersion: _version, ...metadata } = target.metadata
    registry.update(kind, target, { ...target, metadata, spec: { ...target.spec, replicas } }, 'spec')
    const bound = replicas > target.spec.replicas ? 'below Spec.MinReplicas' : 'above Spec.MaxReplicas'
    const text = `New size: ${replicas}; reason: Current number of replicas ${bound}`
    record('horizontal-pod-autoscaler', autoscaler, 'Normal', 'SuccessfulRescale', text)
  }

  const writeStatus = (autoscaler: HorizontalPodAutoscaler, status: HorizontalPodAutoscaler['status']): void => {
    const { conditions: changed = [], ...counts } = status
    let conditions: readonly Condition[] = autoscaler.status.conditions ?? []
    for (const condition of changed) conditions = withCondition(conditions, condition, registry.now())
    // These conditions have no update time, unlike a deployment's.
    const shown = conditions.map(({ lastUpdateTime: _time, ...condition }) => condition)
    const next = { ...autoscaler, status: { ...autoscaler.status, ...counts, conditions: shown } }
    registry.update('HorizontalPodAutoscaler', autoscaler, next, 'status')
  }

  return {
    name: 'autoscaler',
    affected({ kind, object }) {
      if (kind === 'HorizontalPodAutoscaler') return [keyOf(object)]
      const about = ({ spec, metadata }: HorizontalPodAutoscaler): boolean =>
        metadata.namespace === object.metadata.namespace && isTarget(spec.scaleTargetRef, kind, object)
      return store.list('HorizontalPodAutoscaler').filter(about).map(keyOf)
    },
    reconcile({ namespace, name }) {
      const autoscaler = store.get('HorizontalPodAutoscaler', namespace, name)
      if (!autoscaler) return undefined
      const target = targetOf(autoscaler)
      if (!target) {
        writeStatus(autoscaler, { conditions: [condition('AbleToScale', 'False', 'FailedGetScale')] })
        return undefined
      }
      const { minReplicas, maxReplicas } = autoscaler.spec
      const wanted = target.spec.replicas
      const desired = wanted === 0 ? 0 : Math.min(maxReplicas, Math.max(minReplicas, wanted))
      if (desired !== wanted) rescale(autoscaler, target, desired)
      writeStatus(autoscaler, {
        currentReplicas: target.status.replicas ?? 0,
        desiredReplicas: desired,
        ...(desired === wanted ? {} : { lastScaleTime: timestamp(registry.now()) }),
        conditions: [
          condition('AbleToScale', 'True', desired === wanted ? 'ReadyForNewScale' : 'SucceededRescale'),
          condition('ScalingActive', 'False', wanted === 0 ? 'ScalingDisabled' : 'FailedGetResourceMetric'),
        ],
      })
      return undefined
    },
  }
}

const isTarget = (
  target: { readonly kind: string; readonly name: string },
  kind: string,
  object: KubeObject,
): boolean => target.kind === kind && target.name === object.metadata.name

const condition = (type: string, status: 'True' | 'False', reason: string) => ({
  type,
  status,
  reason,
  message: reason,
})
