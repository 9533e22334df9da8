import { deleteObject } from '../deletion.ts'
import { sameJson } from '../json.ts'
import { controllerOf, controllerReference } from '../object.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import type { Deployment, PodTemplate, ReplicaSet } from '../workloads.ts'
import { newSetSize, sizeAnnotations } from './deployment-size.ts'
import type { RecordEvent } from './events.ts'
import { templateHash } from './pods.ts'

const HASH_LABEL = 'pod-template-hash'
const REVISION = 'deployment.kubernetes.io/revision'

/** Annotations that describe one object and are not handed down to its replica sets. */
const NOT_INHERITED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deprecated.deployment.rollback.to',
]

const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0)

/** The replica sets of a deployment, oldest revision first. */
export const replicaSetsOf = ({ store }: Registry, deployment: Deployment): readonly ReplicaSet[] =>
  store
    .list('ReplicaSet', deployment.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === deployment.metadata.uid)
    .sort((a, b) => revisionOf(a) - revisionOf(b))

/** The replica set that runs the deployment's present template. */
export const currentSet = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined =>
  sets.find(({ spec }) => sameJson(withoutHash(spec.template), deployment.spec.template))

function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

const inherited = ({ metadata }: Deployment): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_INHERITED.includes(name)))

/**
 * The replica set of the present template, created or brought up to the newest revision, and that revision written onto the
 * deployment, so that `kubectl rollout history` and `undo` find it.
 */
export function ensureCurrentSet(
  registry: Registry,
  record: RecordEvent,
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): { readonly set: ReplicaSet; readonly created: boolean } {
  const known = currentSet(deployment, sets)
  const others = sets.filter((set) => set !== known)
  const revision = Math.max(0, ...others.map(revisionOf)) + 1
  const annotations = { ...inherited(deployment), ...sizeAnnotations(deployment) }
  if (known) {
    const kept = Math.max(revision, revisionOf(known))
    const next = { ...known.metadata.annotations, ...annotations, [REVISION]: String(kept) }
    const metadata = { ...known.metadata, annotations: next }
    const set = registry.update('ReplicaSet', known, { ...known, metadata }, 'spec')
    writeRevision(registry, deployment, kept)
    return { set, created: false }
  }
  const set = registry.create(
    'ReplicaSet',
    newReplicaSet(deployment, sets, { ...annotations, [REVISION]: String(revision) }),
  )
  const size = set.spec.replicas
  const text = `Scaled up replica set ${set.metadata.name} from 0 to ${size}`
  if (size > 0) record('deployment-controller', deployment, 'Normal', 'ScalingReplicaSet', text)
  writeRevision(registry, deployment, revision)
  return { set, created: true }
}

function newReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[], annotations: Record<string, string>) {
  const { template, selector, minReadySeconds } = deployment.spec
  const hash = templateHash(template)
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash }
  const { namespace } = deployment.metadata
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newSetSize(deployment, sets, 0),
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

function writeRevision(registry: Registry, deployment: Deployment, revision: number): void {
  const annotations = { ...deployment.metadata.annotations, [REVISION]: String(revision) }
  const { resourceVersion: _version, ...metadata } = deployment.metadata
  registry.update('Deployment', deployment, { ...deployment, metadata: { ...metadata, annotations } }, 'spec')
}

/** Sets a replica set's size and says so; returns the set as stored. */
export function scaleSet(
  registry: Registry,
  record: RecordEvent,
  deployment: Deployment,
  set: ReplicaSet,
  size: number,
): ReplicaSet {
  const before = set.spec.replicas
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) }
  const { resourceVersion: _version, ...kept } = set.metadata
  const next = { ...set, metadata: { ...kept, annotations }, spec: { ...set.spec, replicas: size } }
  const scaled = registry.update('ReplicaSet', set, next, 'spec')
  const text = `Scaled ${size > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${size}`
  if (size !== before) record('deployment-controller', deployment, 'Normal', 'ScalingReplicaSet', text)
  return scaled
}

/** Removes the oldest empty replica sets beyond the revision history that the deployment keeps. */
export function pruneHistory(registry: Registry, deployment: Deployment, old: readonly ReplicaSet[]): void {
  const idle = old.filter(({ spec, status }) => spec.replicas === 0 && status.replicas === 0)
  const surplus = idle.slice(0, Math.max(0, old.length - deployment.spec.revisionHistoryLimit))
  for (const set of surplus) deleteObject(registry, servedResource('ReplicaSet'), set)
}
