import type {
  V1Container,
  V1ControllerRevision,
  V1LabelSelector,
  V1ObjectMeta,
  V1Pod,
  V1PodTemplateSpec,
  V1ReplicaSet,
} from '@kubernetes/client-node'
import type { Workload } from '../domain/service.ts'
import type { ClusterApi } from './connect.ts'

const ON_DELETE = 'only when pods are deleted by hand (OnDelete)'

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
    case 'Deployment': {
      const { metadata, spec, status } = await api.apps.readNamespacedDeployment({ namespace, name }, options)
      const desired = spec?.replicas ?? 1
      const rolling = spec?.strategy?.rollingUpdate
      return {
        ...common(metadata, spec, status?.observedGeneration),
        desired,
        ready: status?.readyReplicas ?? 0,
        updated: status?.updatedReplicas ?? 0,
        available: status?.availableReplicas ?? 0,
        total: status?.replicas ?? 0,
        paused: spec?.paused === true,
        heldBack: undefined,
        strategy:
          spec?.strategy?.type === 'Recreate'
            ? 'all at once (Recreate)'
            : `surge ${rolling?.maxSurge ?? '25%'}, unavailable ${rolling?.maxUnavailable ?? '25%'}`,
      }
    }
    case 'StatefulSet': {
      const { metadata, spec, status } = await api.apps.readNamespacedStatefulSet({ namespace, name }, options)
      const desired = spec?.replicas ?? 1
      const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0
      const current = status?.updateRevision !== undefined && status.updateRevision === status.currentRevision
      return {
        ...common(metadata, spec, status?.observedGeneration),
        desired,
        ready: status?.readyReplicas ?? 0,
        updated: current ? desired : (status?.updatedReplicas ?? 0),
        available: status?.availableReplicas ?? status?.readyReplicas ?? 0,
        total: status?.replicas ?? 0,
        paused: false,
        strategy:
          spec?.updateStrategy?.type === 'OnDelete'
            ? ON_DELETE
            : partition > 0
              ? `only pods with ordinal ${partition} and above (partition)`
              : 'one at a time, highest ordinal first',
        heldBack: spec?.updateStrategy?.type === 'OnDelete' ? 'on-delete' : partition > 0 ? 'partition' : undefined,
      }
    }
    case 'DaemonSet': {
      const { metadata, spec, status } = await api.apps.readNamespacedDaemonSet({ namespace, name }, options)
      return {
        ...common(metadata, spec, status?.observedGeneration),
        desired: status?.desiredNumberScheduled ?? 0,
        ready: status?.numberReady ?? 0,
        updated: status?.updatedNumberScheduled ?? 0,
        available: status?.numberAvailable ?? 0,
        total: status?.currentNumberScheduled ?? 0,
        paused: false,
        strategy:
          spec?.updateStrategy?.type === 'OnDelete'
            ? ON_DELETE
            : `node by node, unavailable ${spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1}`,
        heldBack: spec?.updateStrategy?.type === 'OnDelete' ? 'on-delete' : undefined,
      }
    }
  }
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

/** Revisions of the workload, oldest first: ReplicaSets of a Deployment, ControllerRevisions of the others. */
export async function readRevisions(
  api: ClusterApi,
  workload: Workload,
  object: WorkloadObject,
  signal: AbortSignal,
): Promise<readonly { readonly revision: number; readonly createdAt: number }[]> {
  const request = { namespace: workload.namespace, labelSelector: object.selector }
  const items: readonly (V1ReplicaSet | V1ControllerRevision)[] =
    workload.kind === 'Deployment'
      ? (await api.apps.listNamespacedReplicaSet(request, api.options(signal))).items
      : (await api.apps.listNamespacedControllerRevision(request, api.options(signal))).items
  return items
    .filter((item) => item.metadata?.ownerReferences?.some((owner) => owner.uid === object.metadata.uid))
    .map((item) => ({
      revision:
        'revision' in item
          ? item.revision
          : Number(item.metadata?.annotations?.['deployment.kubernetes.io/revision'] ?? 0),
      createdAt: timeOf(item.metadata?.creationTimestamp) ?? 0,
    }))
    .sort((a, b) => a.revision - b.revision)
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

/** As a query parameter (kubernetes.io/docs/concepts/overview/working-with-objects/labels, set-based requirements). */
function selectorText({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector): string {
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`)
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`
  })
  return [...equal, ...others].join(',')
}
