import type { Fault } from './types.ts'

/** Faults that tests and the demo ordered, per method, first ordered first suffered. */
export class Faults {
  readonly #ordered = new Map<string, Fault[]>()

  order(method: string, fault: Fault, times: number): void {
    const queue = this.#ordered.get(method) ?? []
    this.#ordered.set(method, [...queue, ...Array.from({ length: times }, () => fault)])
  }

  peek(method: string): Fault | undefined {
    return this.#ordered.get(method)?.[0]
  }

  spend(method: string): void {
    this.#ordered.get(method)?.shift()
  }
}
