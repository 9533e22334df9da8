import type { Random } from '../random.ts'
import { PredictionServer } from './prediction-server.ts'

/**
 * When replicas that want to start may. They load their model from a store that serves one at a time, so that a fleet which dies faster
 * than this never has more than a few alive.
 */
export interface StartLine {
  /** The time at which one that begins to start at `at` will run. */
  next(at: number): number
}

export function startLine(takesMs: number, apartMs: number): StartLine {
  let last = Number.NEGATIVE_INFINITY
  return {
    next(at) {
      last = Math.max(at + takesMs, last + apartMs)
      return last
    },
  }
}

/** Replicas behind the load balancer that share a portion of the traffic: each is up, or is starting. */
export class Pool {
  readonly #line: StartLine
  readonly #random: Random
  readonly #starting = new Map<string, number>()
  readonly #up = new Map<string, PredictionServer>()

  constructor(line: StartLine, random: Random) {
    this.#line = line
    this.#random = random
  }

  get up(): ReadonlyMap<string, PredictionServer> {
    return this.#up
  }

  get names(): readonly string[] {
    return [...this.#up.keys(), ...this.#starting.keys()]
  }

  /** Ends the process if there is one, and lets the replica get in line for a new one. */
  restart(name: string, at: number): void {
    this.#up.delete(name)
    if (!this.#starting.has(name)) this.#starting.set(name, this.#line.next(at))
  }

  remove(name: string): void {
    this.#up.delete(name)
    this.#starting.delete(name)
  }

  /** Starts those whose time has come, of those that `mayStart`. Returns their names. */
  startDue(at: number, mayStart: (name: string) => boolean): readonly string[] {
    const due = [...this.#starting].filter(([name, startsAt]) => startsAt <= at && mayStart(name)).map(([name]) => name)
    for (const name of due) {
      this.#starting.delete(name)
      this.#up.set(name, new PredictionServer(at, this.#random))
    }
    return due
  }

  /** Spreads the traffic evenly over those that are up. Returns those that died of it, with the load they had. */
  serve(
    at: number,
    seconds: number,
    rps: number,
  ): readonly { readonly name: string; readonly server: PredictionServer }[] {
    const each = this.#up.size === 0 ? 0 : rps / this.#up.size
    const killed = [...this.#up]
      .map(([name, server]) => ({ name, server, result: server.serve(seconds, each) }))
      .filter(({ result }) => result === 'killed')
    for (const { name } of killed) this.restart(name, at)
    return killed
  }

  /** Share of its requests that fail; all of them where none is up. */
  get failing(): number {
    const shares = [...this.#up.values()].map(({ failing }) => failing)
    return shares.length === 0 ? 1 : shares.reduce((sum, share) => sum + share, 0) / shares.length
  }
}
