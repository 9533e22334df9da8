import { randomUUID } from 'node:crypto'
import type { Admission } from './admission/admission.ts'
import { withDefaults } from './defaults.ts'
import { isJsonObject, type JsonObject, sameJson } from './json.ts'
import { type KubeObject, type ObjectMeta, timestamp } from './object.ts'
import { type Resource, servedResource } from './resources.ts'
import { alreadyExists, invalid, modified, notFound } from './status-error.ts'
import type { Store } from './store.ts'
import { validate, validateUpdate } from './validation.ts'
import type { Kind, Kinds } from './workloads.ts'

/** Which half of an object a write may change; the other half is kept as it is. */
export type Part = 'spec' | 'status'

export interface WriteOptions {
  readonly dryRun?: boolean
  /** Judges what would be stored, after validation. Throws to refuse it. The cluster's own controllers are not judged here. */
  readonly admit?: (object: KubeObject, oldObject?: KubeObject) => void
}

const INITIAL_STATUS: Partial<Record<Kind, JsonObject>> = {
  Namespace: { phase: 'Active' },
  Pod: { phase: 'Pending' },
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0 },
}

/** The rules of writing: defaults, validation, generations, immutable metadata, and writes that change nothing. */
export class Registry {
  readonly store: Store
  readonly now: () => number
  readonly admission: Admission
  #named = 0

  constructor(store: Store, now: () => number, admission: Admission) {
    this.store = store
    this.now = now
    this.admission = admission
  }

  /** Creates an object. Throws 404 (namespace), 409 (name taken) and 422. */
  create<K extends Kind>(kind: K, given: KubeObject, options: WriteOptions = {}): Kinds[K] {
    const resource = servedResource(kind)
    const object = this.#prepared(resource, given)
    const { name, namespace } = object.metadata
    if (namespace !== undefined && !this.store.get('Namespace', undefined, namespace)) {
      throw notFound(servedResource('Namespace'), namespace)
    }
    const causes = validate(object)
    if (causes.length > 0) throw invalid(resource, name, causes)
    options.admit?.(object)
    if (this.store.get(kind, namespace, name)) throw alreadyExists(resource, name)
    // Defaulting and validation have made it the kind that it says it is.
    return (options.dryRun ? object : this.store.put(kind, object)) as Kinds[K]
  }

  /**
   * Replaces the spec (and labels and so on) or the status of an object. A write that changes nothing leaves its version
   * as it is. Throws 409 if `next` names another version than the stored one, and 422.
   */
  update<K extends Kind>(
    kind: K,
    current: Kinds[K],
    next: KubeObject,
    part: Part,
    options: WriteOptions = {},
  ): Kinds[K] {
    const resource = servedResource(kind)
    const { name, namespace } = current.metadata
    const stored = this.store.get(kind, namespace, name)
    if (!stored || stored.metadata.uid !== current.metadata.uid) throw notFound(resource, name)
    const version = next.metadata.resourceVersion
    if (version !== undefined && version !== stored.metadata.resourceVersion) throw modified(resource, name)
    const updated = part === 'status' ? withStatus(stored, next) : this.#withSpec(resource, stored, next)
    if (part === 'spec') {
      const causes = [...identityCauses(stored, next), ...validate(updated), ...validateUpdate(stored, updated)]
      if (causes.length > 0) throw invalid(resource, name, causes)
    }
    options.admit?.(updated, stored)
    if (sameJson(updated, stored)) return stored
    // Both halves have been admitted as this kind.
    return (options.dryRun ? updated : this.store.put(kind, updated)) as Kinds[K]
  }

  /** A suffix for generated names; the same sequence in every run, so that transcripts can be compared. */
  nameSuffix(): string {
    this.#named += 1
    return safeText(Math.imul(this.#named, 2_654_435_761) >>> 0).slice(0, 5)
  }

  #prepared(resource: Resource, given: KubeObject): KubeObject {
    const { generateName, annotations, ownerReferences, finalizers, namespace } = given.metadata
    const labels = withNameLabel(resource, given.metadata)
    const status = given.status ?? INITIAL_STATUS[resource.kind] ?? {}
    const optional = { generateName, labels, annotations, ownerReferences, finalizers }
    const metadata: ObjectMeta = {
      name: given.metadata.name || `${generateName ?? ''}${this.nameSuffix()}`,
      ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
      uid: randomUUID(),
      ...(resource.generation ? { generation: 1 } : {}),
      creationTimestamp: timestamp(this.now()),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => !isEmptyMap(value))),
    }
    const object = { ...given, metadata }
    return 'spec' in given || hasSpec(resource)
      ? { ...object, ...spec(resource, given), ...(hasStatus(resource) && { status }) }
      : object
  }

  #withSpec(resource: Resource, stored: KubeObject, next: KubeObject): KubeObject {
    const { annotations, ownerReferences, finalizers } = next.metadata
    const labels = withNameLabel(resource, next.metadata)
    const { labels: _l, annotations: _a, ownerReferences: _o, finalizers: _f, ...kept } = stored.metadata
    const optional = { labels, annotations, ownerReferences, finalizers }
    const metadata: ObjectMeta = {
      ...kept,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => !isEmptyMap(value))),
    }
    const body = hasSpec(resource)
      ? { ...spec(resource, next), ...(hasStatus(resource) && { status: stored.status }) }
      : {}
    const updated: KubeObject = { ...next, metadata, ...body }
    const generation = stored.metadata.generation
    if (generation === undefined || sameJson(updated.spec, stored.spec)) return updated
    return { ...updated, metadata: { ...metadata, generation: generation + 1 } }
  }
}

/** Text from a number in the alphabet of Kubernetes' generated names (no vowels, no look-alikes). */
export function safeText(value: number): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from(Buffer.from(String(value).padStart(5, '0')), (byte) => alphabet[byte % alphabet.length]).join('')
}

/** Every namespace has its name as a label, so that selectors can name it. */
const withNameLabel = ({ kind }: Resource, { name, labels }: ObjectMeta): ObjectMeta['labels'] =>
  kind === 'Namespace' ? { ...labels, 'kubernetes.io/metadata.name': name } : labels

const hasSpec = ({ kind }: Resource): boolean =>
  kind !== 'ConfigMap' && kind !== 'Event' && kind !== 'ControllerRevision'

const hasStatus = ({ subresources }: Resource): boolean => subresources.includes('status')

const spec = ({ kind }: Resource, { spec: given }: KubeObject): { spec: JsonObject } => ({
  spec: withDefaults(kind, isJsonObject(given) ? given : {}),
})

const isEmptyMap = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

const withStatus = (stored: KubeObject, next: KubeObject): KubeObject => ({ ...stored, status: next.status ?? {} })

function identityCauses(
  stored: KubeObject,
  { metadata }: KubeObject,
): { reason: string; message: string; field: string }[] {
  const changed = (['name', 'namespace', 'uid'] as const).filter(
    (field) => metadata[field] !== undefined && metadata[field] !== stored.metadata[field],
  )
  return changed.map((field) => ({
    reason: 'FieldValueInvalid',
    message: `Invalid value: "${metadata[field]}": field is immutable`,
    field: `metadata.${field}`,
  }))
}
