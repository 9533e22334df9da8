import type {
  V1Container,
  V1DaemonSet,
  V1Deployment,
  V1LabelSelector,
  V1ObjectMeta,
  V1Pod,
  V1PodTemplateSpec,
  V1StatefulSet,
} from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import { daemonSetBounds, deploymentBounds, statefulSetBounds } from './bounds.ts'
import type { ClusterApi } from './connect.ts'
import { selectorText } from './selectors.ts'

const ON_DELETE = 'only when pods are deleted by hand (OnDelete)'

/** The reason that a deployment gives from the end of a rollout until the next begins, whatever becomes of its pods. */
const ROLLED_OUT = 'NewReplicaSetAvailable'
const PAUSED = 'DeploymentPaused'

/** What Deployments, StatefulSets and DaemonSets have in common, read from whichever the workload is. */
export interface WorkloadObject {
  readonly metadata: V1ObjectMeta
  readonly template: V1PodTemplateSpec
  readonly selector: string
  readonly desired: number
  readonly ready: number
  readonly updated: number
  readonly available: number
  readonly observedGeneration: number
  /** Pods that still run, whichever version; above `desired` while a rollout replaces them. */
  readonly total: number
  readonly paused: boolean
  readonly strategy: string
  readonly maxSurge: number
  readonly maxUnavailable: number
  /** Pods of an older template remain, or the newest has not once been fully available; pods that crashed later do not count. */
  readonly rolling: boolean
  /** The `controller-revision-hash` of a StatefulSet's new pods. */
  readonly updateRevision: string | undefined
  /** Why its controller replaces no pods, or not all of them, when the template changes. */
  readonly heldBack: 'on-delete' | 'partition' | undefined
}

export async function readWorkload(
  api: ClusterApi,
  { kind, namespace, name }: Workload,
  signal: AbortSignal,
): Promise<WorkloadObject> {
  const options = api.options(signal)
  switch (kind) {
    case 'Deployment':
      return ofDeployment(await api.apps.readNamespacedDeployment({ namespace, name }, options))
    case 'StatefulSet':
      return ofStatefulSet(await api.apps.readNamespacedStatefulSet({ namespace, name }, options))
    case 'DaemonSet':
      return ofDaemonSet(await api.apps.readNamespacedDaemonSet({ namespace, name }, options))
  }
}

function ofDeployment({ metadata, spec, status }: V1Deployment): WorkloadObject {
  const desired = spec?.replicas ?? 1
  const rollingUpdate = spec?.strategy?.rollingUpdate
  const updated = status?.updatedReplicas ?? 0
  const available = status?.availableReplicas ?? 0
  const total = status?.replicas ?? 0
  const base = common(metadata, spec, status?.observedGeneration)
  const reason = status?.conditions?.find(({ type }) => type === 'Progressing')?.reason
  // A deployment without a progress deadline gives no reasons, and a paused one only that it is.
  const unfinished = reason === undefined || reason === PAUSED ? available < updated : reason !== ROLLED_OUT
  return {
    ...base,
    ...deploymentBounds(desired, spec?.strategy?.type, rollingUpdate),
    desired,
    ready: status?.readyReplicas ?? 0,
    updated,
    available,
    total,
    paused: spec?.paused === true,
    rolling: !isSeen(base) || updated < desired || total > updated || unfinished,
    updateRevision: undefined,
    heldBack: undefined,
    strategy:
      spec?.strategy?.type === 'Recreate'
        ? 'all at once (Recreate)'
        : `surge ${rollingUpdate?.maxSurge ?? '25%'}, unavailable ${rollingUpdate?.maxUnavailable ?? '25%'}`,
  }
}

function ofStatefulSet({ metadata, spec, status }: V1StatefulSet): WorkloadObject {
  const desired = spec?.replicas ?? 1
  const rollingUpdate = spec?.updateStrategy?.rollingUpdate
  const partition = rollingUpdate?.partition ?? 0
  const current = status?.updateRevision !== undefined && status.updateRevision === status.currentRevision
  const onDelete = spec?.updateStrategy?.type === 'OnDelete'
  const base = common(metadata, spec, status?.observedGeneration)
  return {
    ...base,
    ...statefulSetBounds(desired, rollingUpdate?.maxUnavailable),
    desired,
    ready: status?.readyReplicas ?? 0,
    // Once all pods are of the new revision it becomes the current one, and none counts as updated any more.
    updated: current ? desired : (status?.updatedReplicas ?? 0),
    available: status?.availableReplicas ?? status?.readyReplicas ?? 0,
    total: status?.replicas ?? 0,
    paused: false,
    rolling: !isSeen(base) || status?.updateRevision !== status?.currentRevision,
    updateRevision: status?.updateRevision,
    heldBack: onDelete ? 'on-delete' : partition > 0 ? 'partition' : undefined,
    strategy: onDelete
      ? ON_DELETE
      : partition > 0
        ? `only pods with ordinal ${partition} and above (partition)`
        : 'one at a time, highest ordinal first',
  }
}

function ofDaemonSet({ metadata, spec, status }: V1DaemonSet): WorkloadObject {
  const desired = status?.desiredNumberScheduled ?? 0
  const updated = status?.updatedNumberScheduled ?? 0
  const rollingUpdate = spec?.updateStrategy?.rollingUpdate
  const onDelete = spec?.updateStrategy?.type === 'OnDelete'
  const base = common(metadata, spec, status?.observedGeneration)
  return {
    ...base,
    ...daemonSetBounds(desired, rollingUpdate),
    desired,
    ready: status?.numberReady ?? 0,
    updated,
    available: status?.numberAvailable ?? 0,
    total: status?.currentNumberScheduled ?? 0,
    paused: false,
    rolling: !isSeen(base) || updated < desired,
    updateRevision: undefined,
    heldBack: onDelete ? 'on-delete' : undefined,
    strategy: onDelete ? ON_DELETE : `node by node, unavailable ${rollingUpdate?.maxUnavailable ?? 1}`,
  }
}

/** Whether its controller knows what it is to be now; until then its status is about what it was. */
export function isSeen({
  observedGeneration,
  metadata,
}: Pick<WorkloadObject, 'observedGeneration' | 'metadata'>): boolean {
  return observedGeneration >= (metadata.generation ?? 0)
}

/** Pods that the workload's selector matches, by name. */
export async function readPods(
  api: ClusterApi,
  workload: Workload,
  object: WorkloadObject,
  signal: AbortSignal,
): Promise<readonly V1Pod[]> {
  const { items } = await api.core.listNamespacedPod(
    { namespace: workload.namespace, labelSelector: object.selector },
    api.options(signal),
  )
  return [...items].sort((a, b) =>
    (a.metadata?.name ?? '').localeCompare(b.metadata?.name ?? '', 'en', { numeric: true }),
  )
}

/** The container that the service names; the first one where it names none. */
export function containerOf(workload: Workload, containers: readonly V1Container[]): V1Container | undefined {
  return workload.container === undefined ? containers[0] : containers.find((one) => one.name === workload.container)
}

/** The client parses times to dates; a stand-in or a raw body may leave them as text. */
export function timeOf(value: Date | string | undefined): number | undefined {
  return value === undefined ? undefined : new Date(value).getTime()
}

function common(
  metadata: V1ObjectMeta | undefined,
  spec: { template: V1PodTemplateSpec; selector: V1LabelSelector } | undefined,
  observedGeneration: number | undefined,
): Pick<WorkloadObject, 'metadata' | 'template' | 'selector' | 'observedGeneration'> {
  return {
    metadata: metadata ?? {},
    template: spec?.template ?? {},
    selector: selectorText(spec?.selector ?? {}),
    observedGeneration: observedGeneration ?? 0,
  }
}
