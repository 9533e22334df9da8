import type { Random } from '../random.ts'
import { CEILING_BYTES, CORES, TARGET_CORES } from './service.ts'

/** Requests per second of one replica at the autoscaler's target; it carries a quarter more. */
export const PLANNED_RPS = 1_190
export const OVERLOADED_FROM = 1.25 * PLANNED_RPS
export const NORMAL_BYTES = 3.0 * 2 ** 30
/** More than this a process that was started under the flood does not compute: its threads wait for memory. */
export const FLOODED_CORES = 3.5

/** Under overload, seconds until the kernel kills; more load makes little difference. */
const SECONDS_TO_KILL = 132
/** Share of that time after which memory is full. From there on the kernel only reclaims. */
const FULL_AT = 0.45
const WARM_AFTER_SECONDS = 60
const DRAINED_AFTER_SECONDS = 60

/**
 * One process of the service. Under more than it can carry, requests queue up in its memory until the node has none left; under less, the
 * queue drains.
 */
export class PredictionServer {
  readonly startedAt: number
  readonly #random: Random
  readonly #normalBytes: number
  /** No two die at exactly the same age. */
  readonly #endurance: number
  #strain = 0
  #calmSeconds = 0
  #cores = 0
  #cpuSeconds = 0

  constructor(startedAt: number, random: Random) {
    this.startedAt = startedAt
    this.#random = random
    this.#normalBytes = NORMAL_BYTES * (1 + 0.008 * random.normal())
    this.#endurance = 1 + random.between(-0.12, 0.12)
  }

  /** Lets time pass under a load in requests per second. Returns whether it was killed. */
  serve(seconds: number, rps: number): 'alive' | 'killed' {
    const isOverloaded = rps > OVERLOADED_FROM
    const secondsToKill = SECONDS_TO_KILL + 4 / Math.max(0.2, rps / PLANNED_RPS - 1)
    this.#strain = Math.max(0, this.#strain + seconds / (isOverloaded ? secondsToKill : -DRAINED_AFTER_SECONDS))
    if (!isOverloaded) this.#calmSeconds += seconds
    this.#cores = this.#coresUnder(rps, isOverloaded)
    this.#cpuSeconds += this.#cores * seconds
    return this.#strain >= this.#endurance ? 'killed' : 'alive'
  }

  /** A warm process works off what it gets until its memory is full; a cold one never comes that far. */
  #coresUnder(rps: number, isOverloaded: boolean): number {
    const demand = (TARGET_CORES * rps) / PLANNED_RPS
    const isWarm = this.#calmSeconds >= WARM_AFTER_SECONDS
    const most = isOverloaded && (!isWarm || this.#strain >= FULL_AT) ? FLOODED_CORES : CORES
    return Math.min(most, demand) * (1 + 0.015 * this.#random.normal())
  }

  get memoryBytes(): number {
    const filling = Math.min(1, this.#strain / this.#endurance / FULL_AT) ** 0.7
    const overfull = Math.max(0, this.#strain / this.#endurance - FULL_AT) / (1 - FULL_AT)
    const ceiling = CEILING_BYTES * (0.985 + 0.015 * Math.min(1, overfull))
    return Math.round(this.#normalBytes + (ceiling - this.#normalBytes) * filling)
  }

  get cores(): number {
    return this.#cores
  }

  get cpuSeconds(): number {
    return this.#cpuSeconds
  }

  /** Share of its requests that it does not answer in time. */
  get failing(): number {
    return this.#strain === 0 ? 0.0002 : Math.min(0.998, 0.95 + this.#strain)
  }
}
