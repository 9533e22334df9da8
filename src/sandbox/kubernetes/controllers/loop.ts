import type { KubeObject } from '../object.ts'
import type { Registry } from '../registry.ts'
import { ApiError } from '../status-error.ts'
import type { StoreEvent } from '../store.ts'

/** An object of a controller's own kind, by name. */
export interface ObjectKey {
  readonly namespace: string | undefined
  readonly name: string
}

export const keyOf = ({ metadata }: KubeObject): ObjectKey => ({ namespace: metadata.namespace, name: metadata.name })

/** Part of the control plane: says which of its objects an event concerns, and brings one object towards its spec. */
export interface Controller {
  readonly name: string
  affected(event: StoreEvent): readonly ObjectKey[]
  /** Returns after how many milliseconds to look again without an event, if time alone can change the answer. */
  reconcile(key: ObjectKey): number | undefined
}

/** How long the control plane lags behind a write, so that nobody can rely on a status that is true at once. */
const LAG_MS = 5

/** After a refused write (a name that somebody else took, say) a controller tries again, as the real ones do. */
const RETRY_MS = 1000

function attempt(controller: Controller, key: ObjectKey): number | undefined {
  try {
    return controller.reconcile(key)
  } catch (error) {
    if (error instanceof ApiError) return RETRY_MS
    throw error
  }
}

/** Runs controllers from the store's events, in one queue and in the order in which work arose; never polls. */
export class ControlLoop {
  readonly #controllers: readonly Controller[]
  readonly #queue = new Map<string, () => void>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #unsubscribe: () => void
  #scheduled = false
  #draining = false

  constructor(registry: Registry, controllers: readonly Controller[]) {
    this.#controllers = controllers
    this.#unsubscribe = registry.store.listen((event) => this.#enqueueFor(event))
  }

  /** Runs `action` after `ms`, unless the loop was stopped. */
  later(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, ms)
    this.#timers.add(timer)
  }

  stop(): void {
    this.#unsubscribe()
    this.#queue.clear()
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }

  #enqueueFor(event: StoreEvent): void {
    for (const controller of this.#controllers) {
      for (const key of controller.affected(event)) this.#enqueue(controller, key)
    }
  }

  #enqueue(controller: Controller, key: ObjectKey): void {
    this.#queue.set(`${controller.name}/${key.namespace ?? ''}/${key.name}`, () => {
      const again = attempt(controller, key)
      if (again !== undefined) this.later(again, () => this.#enqueue(controller, key))
    })
    if (this.#scheduled || this.#draining) return
    this.#scheduled = true
    this.later(LAG_MS, () => this.#drain())
  }

  #drain(): void {
    this.#scheduled = false
    this.#draining = true
    for (let next = this.#queue.entries().next(); !next.done; next = this.#queue.entries().next()) {
      const [id, work] = next.value
      this.#queue.delete(id)
      work()
    }
    this.#draining = false
  }
}
