/** Weights of one version of one model. */
export interface ModelVersion {
  readonly model: string
  readonly version: string
  readonly bytes: number
}

/** What its own `/debug/models` says about a process. */
export interface CacheReport {
  readonly max_size: number
  readonly evictions: number
  readonly resident: readonly (ModelVersion & { readonly loaded_at: string })[]
}

/** What a process holds before the first model: interpreter, libraries, buffers. */
export const BASE_BYTES = 8e9
export const CACHE_MAX_SIZE = 10

/**
 * One process of the service. Its cache has the incident's fault: what it evicts is gone from the cache and from no other table, so the
 * weights stay until the process ends.
 */
export class ModelServer {
  readonly startedAt: number
  readonly #cached: ModelVersion[] = []
  readonly #resident: CacheReport['resident'][number][] = []
  #bytes = BASE_BYTES
  #evictions = 0

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  /** Loads a version and returns the one that the cache says it evicted. */
  load(loaded: ModelVersion, at: number): ModelVersion | undefined {
    this.#cached.push(loaded)
    this.#resident.push({ ...loaded, loaded_at: new Date(at).toISOString() })
    this.#bytes += loaded.bytes
    if (this.#cached.length <= CACHE_MAX_SIZE) return undefined
    this.#evictions += 1
    return this.#cached.shift()
  }

  get memoryBytes(): number {
    return this.#bytes
  }

  get loads(): number {
    return this.#resident.length
  }

  get evictions(): number {
    return this.#evictions
  }

  report(): CacheReport {
    return { max_size: CACHE_MAX_SIZE, evictions: this.#evictions, resident: [...this.#resident] }
  }
}
