import { deepFreeze } from './json.ts'
import type { KubeObject } from './object.ts'
import type { Kind, Kinds } from './workloads.ts'

/** One change, as watches report it. `previous` is what the change replaced; a deletion's object carries its own version. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: Kind
  readonly object: KubeObject
  readonly previous?: KubeObject
  readonly version: number
}

const keyOf = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`

/** How many changes a watch can be resumed over; older versions are `410 Gone`. */
const HISTORY_LENGTH = 2000

/**
 * Objects under one growing version, as etcd keeps them: every change gets the next version, is remembered for watches, and
 * is told to all listeners before the write returns. Knows nothing of rules; those are the registry's.
 */
export class Store {
  readonly #objects = new Map<Kind, Map<string, KubeObject>>()
  /** The objects of a kind in order, until the next write of that kind. */
  readonly #sorted = new Map<Kind, readonly KubeObject[]>()
  readonly #listeners = new Set<(event: StoreEvent) => void>()
  #history: StoreEvent[] = []
  #version = 1
  #oldest = 1

  get version(): number {
    return this.#version
  }

  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Kinds[K] | undefined {
    // What is stored under a kind was admitted as that kind.
    return this.#objects.get(kind)?.get(keyOf(namespace, name)) as Kinds[K] | undefined
  }

  /** All objects of a kind, sorted by namespace and name. */
  list<K extends Kind>(kind: K, namespace?: string): readonly Kinds[K][] {
    const all = this.#sorted.get(kind) ?? this.#sort(kind)
    const chosen = namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace)
    // What is stored under a kind was admitted as that kind.
    return chosen as readonly Kinds[K][]
  }

  put(kind: Kind, object: KubeObject): KubeObject {
    const objects = this.#objects.get(kind) ?? new Map<string, KubeObject>()
    this.#objects.set(kind, objects)
    const key = keyOf(object.metadata.namespace, object.metadata.name)
    const previous = objects.get(key)
    const stored = this.#stamp(object)
    objects.set(key, stored)
    this.#sorted.delete(kind)
    const change = { kind, object: stored, version: this.#version }
    this.#publish(previous ? { type: 'MODIFIED', previous, ...change } : { type: 'ADDED', ...change })
    return stored
  }

  remove(kind: Kind, object: KubeObject): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name)
    const previous = this.#objects.get(kind)?.get(key)
    if (!previous || previous.metadata.uid !== object.metadata.uid) return
    this.#objects.get(kind)?.delete(key)
    this.#sorted.delete(kind)
    this.#publish({ type: 'DELETED', kind, object: this.#stamp(previous), previous, version: this.#version })
  }

  /** Changes after `version`, oldest first, or undefined if that version is no longer remembered. */
  since(version: number): readonly StoreEvent[] | undefined {
    return version < this.#oldest ? undefined : this.#history.filter((event) => event.version > version)
  }

  get oldestVersion(): number {
    return this.#oldest
  }

  /** Forgets all history, as etcd's compaction does: watches can only resume from the present version. */
  compact(): void {
    this.#history = []
    this.#oldest = this.#version
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #sort(kind: Kind): readonly KubeObject[] {
    const entries = [...(this.#objects.get(kind)?.entries() ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    const sorted = entries.map(([, object]) => object)
    this.#sorted.set(kind, sorted)
    return sorted
  }

  #stamp(object: KubeObject): KubeObject {
    this.#version += 1
    return deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } })
  }

  #publish(event: StoreEvent): void {
    this.#history.push(event)
    if (this.#history.length > HISTORY_LENGTH) {
      this.#history.splice(0, HISTORY_LENGTH / 2)
      this.#oldest = (this.#history[0]?.version ?? this.#version) - 1
    }
    for (const listener of [...this.#listeners]) listener(event)
  }
}
