import type { Random } from '../random.ts'
import { Autoscaler } from './autoscaler.ts'
import { Pool, startLine } from './pool.ts'
import type { PredictionServer } from './prediction-server.ts'
import { MAX_REPLICAS, MIN_REPLICAS } from './service.ts'

const LOADS_FOR_MS = 60_000
/** The store of models serves one start after the other. */
const STARTS_APART_MS = 22_000
const NOISE = 0.003

/** A replica that ran out of memory. */
export interface Death {
  readonly at: number
  readonly startedAt: number
  readonly name: string
  readonly bytes: number
  readonly cores: number
}

/** Who runs what the system decides: the past itself, or a cluster. */
export interface Hands {
  /** The autoscaler wants so many replicas of the deployment. */
  scale(replicas: number, at: number): void
  mayStart(name: string): boolean
  started(name: string, at: number): void
  died(death: Death): void
}

/**
 * Load balancer, replicas in and out of rotation, autoscaler. It knows nothing of clusters and clocks: `pass` lets time go by, and
 * `hands` carry out what follows from it.
 */
export class PredictionSystem {
  readonly main: Pool
  /** Replicas of their own with a copy of the model of their own, which starts them all at once. */
  readonly spare: Pool
  readonly autoscaler: Autoscaler
  readonly #random: Random
  #spareShare = 0
  #admitAtMost = Number.POSITIVE_INFINITY
  #rps = 0
  #failing = 0
  #answered = 0
  #failed = 0

  constructor(random: Random, replicas: number) {
    this.#random = random
    this.main = new Pool(startLine(LOADS_FOR_MS, STARTS_APART_MS), random)
    this.spare = new Pool(startLine(LOADS_FOR_MS, 0), random)
    this.autoscaler = new Autoscaler({ minimum: MIN_REPLICAS, maximum: MAX_REPLICAS, desired: replicas })
  }

  /** Gives the replicas out of rotation this share of the traffic, 0 to 1. */
  shift(share: number): void {
    this.#spareShare = Math.min(1, Math.max(0, share))
  }

  /** Lets no more than so many requests per second through; the fallback answers the others. */
  shed(rps: number): void {
    this.#admitAtMost = rps
  }

  /** Lets time go by until `at`, under what is then offered. */
  pass(at: number, seconds: number, offered: number, hands: Hands): void {
    for (const pool of [this.main, this.spare]) {
      for (const name of pool.startDue(at, (name) => hands.mayStart(name))) hands.started(name, at)
    }
    this.#rps = Math.min(this.#admitAtMost, offered * (1 + NOISE * this.#random.normal()))
    const forSpare = this.#rps * this.#spareShare
    const forMain = this.#rps - forSpare
    const dead = [...this.main.serve(at, seconds, forMain), ...this.spare.serve(at, seconds, forSpare)]
    this.#failing = (forMain * this.main.failing + (forSpare > 0 ? forSpare * this.spare.failing : 0)) / this.#rps
    this.#failed += this.#rps * this.#failing * seconds
    this.#answered += this.#rps * (1 - this.#failing) * seconds
    for (const { name, server } of dead) {
      hands.died({ at, startedAt: server.startedAt, name, bytes: server.memoryBytes, cores: server.cores })
    }
    const before = this.autoscaler.desired
    const cores = [...this.main.up.values()].map((server) => server.cores)
    const desired = this.autoscaler.look(at, cores, this.main.names.length - cores.length)
    if (desired !== before) hands.scale(desired, at)
  }

  /** Requests per second that are let through to the replicas. */
  get rps(): number {
    return this.#rps
  }

  /** Share of them that fails. */
  get failing(): number {
    return this.#failing
  }

  /** Requests since the beginning. */
  get counted(): { readonly answered: number; readonly failed: number } {
    return { answered: this.#answered, failed: this.#failed }
  }

  get replicas(): readonly { readonly name: string; readonly server: PredictionServer | undefined }[] {
    return [this.main, this.spare].flatMap((pool) => pool.names.map((name) => ({ name, server: pool.up.get(name) })))
  }
}
