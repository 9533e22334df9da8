import { deleteObject } from '../deletion.ts'
import { sameJson } from '../json.ts'
import { controllerOf, controllerReference } from '../object.ts'
import type { Registry } from '../registry.ts'
import { servedResource } from '../resources.ts'
import type { ControllerRevision, DaemonSet, StatefulSet } from '../workloads.ts'
import { podsOf, templateHash } from './pods.ts'

export const REVISION_LABEL = 'controller-revision-hash'

type Owner = StatefulSet | DaemonSet

const revisionsOf = ({ store }: Registry, owner: Owner): readonly ControllerRevision[] =>
  store
    .list('ControllerRevision', owner.metadata.namespace)
    .filter((revision) => controllerOf(revision)?.uid === owner.metadata.uid)
    .sort((a, b) => a.revision - b.revision)

/** The revision that holds the owner's present template; one that held it before becomes the newest again. */
export function ensureRevision(registry: Registry, owner: Owner): ControllerRevision {
  const { template, selector } = owner.spec
  const all = revisionsOf(registry, owner)
  const newest = all.at(-1)
  const number = (newest?.revision ?? 0) + 1
  const data = { spec: { template: { ...template, $patch: 'replace' } } }
  const known = all.find((revision) => sameJson(revision.data, data))
  if (known && known === newest) return known
  if (known) return registry.update('ControllerRevision', known, { ...known, revision: number }, 'spec')
  const hash = templateHash(template)
  const { namespace, name } = owner.metadata
  return registry.create('ControllerRevision', {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...selector.matchLabels, ...template.metadata?.labels, [REVISION_LABEL]: hash },
      ...(owner.metadata.annotations ? { annotations: owner.metadata.annotations } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: number,
  })
}

/** A revision of the owner by its name, as a stateful set's status holds it. */
export const revisionNamed = (registry: Registry, owner: Owner, name: string): ControllerRevision | undefined =>
  registry.store.get('ControllerRevision', owner.metadata.namespace, name)

/** Removes the oldest revisions that no pod runs and that are beyond the owner's history limit; `live` are kept by name. */
export function pruneRevisions(registry: Registry, owner: Owner, live: readonly string[]): void {
  const hashes = new Set(podsOf(registry.store, owner).map(({ metadata }) => metadata.labels?.[REVISION_LABEL]))
  const idle = revisionsOf(registry, owner).filter(
    ({ metadata }) =>
      !live.includes(metadata.name) && !hashes.has(metadata.labels?.[REVISION_LABEL]) && !hashes.has(metadata.name),
  )
  for (const revision of idle.slice(0, Math.max(0, idle.length - owner.spec.revisionHistoryLimit))) {
    deleteObject(registry, servedResource('ControllerRevision'), revision)
  }
}
