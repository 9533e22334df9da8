import { isDeepStrictEqual } from 'node:util'
import type { V1ControllerRevision, V1ObjectMeta, V1PodTemplateSpec, V1ReplicaSet } from '@kubernetes/client-node'
import { fieldsOf } from '../domain/fields.ts'
import type { Workload } from '../domain/service.ts'
import type { ClusterApi } from './connect.ts'
import type { WorkloadObject } from './workloads.ts'
import { timeOf } from './workloads.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const TEMPLATE_HASH = 'pod-template-hash'

/** Revisions of the workload, oldest first: ReplicaSets of a Deployment, ControllerRevisions of the others. */
export async function readRevisions(
  api: ClusterApi,
  workload: Workload,
  object: WorkloadObject,
  signal: AbortSignal,
): Promise<readonly { readonly revision: number; readonly createdAt: number }[]> {
  const items: readonly (V1ReplicaSet | V1ControllerRevision)[] =
    workload.kind === 'Deployment'
      ? await readReplicaSets(api, workload, object, signal)
      : (await api.apps.listNamespacedControllerRevision(among(workload, object), api.options(signal))).items
  return items
    .filter((item) => isOwned(item.metadata, object))
    .map((item) => ({
      revision: 'revision' in item ? item.revision : revisionOf(item.metadata?.annotations),
      createdAt: timeOf(item.metadata?.creationTimestamp) ?? 0,
    }))
    .sort((a, b) => a.revision - b.revision)
}

/** The ReplicaSets of a Deployment; of other kinds, which have none, no request is made. */
export async function readReplicaSets(
  api: ClusterApi,
  workload: Workload,
  object: WorkloadObject,
  signal: AbortSignal,
): Promise<readonly V1ReplicaSet[]> {
  if (workload.kind !== 'Deployment') return []
  const { items } = await api.apps.listNamespacedReplicaSet(among(workload, object), api.options(signal))
  return items.filter((item) => isOwned(item.metadata, object))
}

/** Revisions with another template than the present one, the newest first. */
export function earlierRevisions(object: WorkloadObject, sets: readonly V1ReplicaSet[]): readonly number[] {
  return sets
    .filter((set) => !runsTemplate(set, object))
    .map((set) => revisionOf(set.metadata?.annotations))
    .filter((revision) => revision > 0)
    .sort((a, b) => b - a)
}

/** What the pods of the present template are marked with; none before the controller has seen that template. */
export function newestHashes(object: WorkloadObject, sets: readonly V1ReplicaSet[]): ReadonlySet<string> {
  return new Set(
    sets.filter((set) => runsTemplate(set, object)).flatMap((set) => set.metadata?.labels?.[TEMPLATE_HASH] ?? []),
  )
}

/**
 * The pod template of an earlier revision as `kubectl rollout undo` takes it, without the mark of its ReplicaSet; undefined where there is
 * no such revision. Read raw: what the client library does not know must not get lost on the way back.
 */
export async function readTemplate(
  api: ClusterApi,
  workload: Workload,
  object: WorkloadObject,
  revision: number,
  signal: AbortSignal,
): Promise<object | undefined> {
  const request = { group: 'apps', version: 'v1', plural: 'replicasets', ...among(workload, object) }
  const list: unknown = await api.raw.listNamespacedCustomObject(request, api.options(signal))
  const { items } = fieldsOf(list)
  const found = (Array.isArray(items) ? items : []).map(fieldsOf).find(({ metadata }) => {
    const { annotations, ownerReferences } = fieldsOf(metadata)
    const owners = Array.isArray(ownerReferences) ? ownerReferences.map(fieldsOf) : []
    return (
      owners.some(({ uid }) => uid !== undefined && uid === object.metadata.uid) &&
      revisionOf(fieldsOf(annotations)) === revision
    )
  })
  if (found === undefined) return undefined
  return unmarked(fieldsOf(found.spec).template)
}

/** Compared as kubectl and the controller compare: everything but the mark that the ReplicaSet adds. */
function runsTemplate({ spec }: V1ReplicaSet, { template }: WorkloadObject): boolean {
  return isDeepStrictEqual(unmarked(plain(spec?.template)), unmarked(plain(template)))
}

function unmarked(template: unknown): object {
  const { metadata, ...rest } = fieldsOf(template)
  const { labels, ...others } = fieldsOf(metadata)
  const { [TEMPLATE_HASH]: _hash, ...own } = fieldsOf(labels)
  return { ...rest, metadata: { ...others, labels: own } }
}

/** As JSON, so that fields that the client library sets to undefined are none. */
function plain(template: V1PodTemplateSpec | undefined): unknown {
  return JSON.parse(JSON.stringify(template ?? {}))
}

function among({ namespace }: Workload, { selector }: WorkloadObject) {
  return { namespace, labelSelector: selector }
}

function isOwned(metadata: V1ObjectMeta | undefined, { metadata: { uid } }: WorkloadObject): boolean {
  return metadata?.ownerReferences?.some((owner) => owner.uid === uid) === true
}

function revisionOf(annotations: Readonly<Record<string, unknown>> | undefined): number {
  return Number(annotations?.[REVISION] ?? 0)
}
