import { ModelServer, type ModelVersion } from './model-server.ts'

/** The pods of the service with the process in each; a pod without a process is being started or stopped. */
export class Fleet {
  readonly pods: readonly string[]
  readonly #servers = new Map<string, ModelServer>()

  constructor(pods: readonly string[]) {
    this.pods = pods
  }

  start(pod: string, at: number): void {
    this.#servers.set(pod, new ModelServer(at))
  }

  stop(pod: string): void {
    this.#servers.delete(pod)
  }

  server(pod: string): ModelServer | undefined {
    return this.#servers.get(pod)
  }

  /** Every running process loads the version. Returns what each of them says it evicted. */
  load(version: ModelVersion, at: number): readonly { readonly pod: string; readonly evicted: ModelVersion }[] {
    return [...this.#servers].flatMap(([pod, server]) => {
      const evicted = server.load(version, at)
      return evicted === undefined ? [] : [{ pod, evicted }]
    })
  }

  /** The process that holds the most memory. */
  fullest(): { readonly pod: string; readonly server: ModelServer } | undefined {
    return [...this.#servers]
      .map(([pod, server]) => ({ pod, server }))
      .reduce<{ pod: string; server: ModelServer } | undefined>(
        (most, one) => (most === undefined || one.server.memoryBytes > most.server.memoryBytes ? one : most),
        undefined,
      )
  }
}
