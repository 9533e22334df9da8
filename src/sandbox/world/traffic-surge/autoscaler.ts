import { TARGET_CORES } from './service.ts'

const SYNC_MS = 15_000
/** Only the highest wish of the last five minutes lets it scale down, as Kubernetes' autoscaler does by default. */
const STABILISATION_MS = 5 * 60_000
const TOLERANCE = 0.1

/**
 * How many replicas would bring the average CPU to the target. Replicas that tell no CPU count as idle when that speaks for more, and as
 * being at the target when it speaks for fewer (kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale, "Algorithm details").
 * That is why it stands still while most of the fleet is dead and the rest dies below the target.
 */
export function wishedReplicas(coresOfUp: readonly number[], starting: number): number {
  const replicas = coresOfUp.length + starting
  const used = coresOfUp.reduce((sum, cores) => sum + cores, 0)
  if (used / Math.max(1, coresOfUp.length) > TARGET_CORES) return Math.max(replicas, Math.ceil(used / TARGET_CORES))
  const ratio = (used + starting * TARGET_CORES) / (replicas * TARGET_CORES)
  return ratio < 1 - TOLERANCE ? Math.ceil(replicas * ratio) : replicas
}

/** A horizontal autoscaler on CPU alone. */
export class Autoscaler {
  minimum: number
  readonly maximum: number
  #desired: number
  #syncedAt = Number.NEGATIVE_INFINITY
  #wishes: readonly { readonly at: number; readonly replicas: number }[] = []

  constructor(options: { readonly minimum: number; readonly maximum: number; readonly desired: number }) {
    this.minimum = options.minimum
    this.maximum = options.maximum
    this.#desired = options.desired
  }

  get desired(): number {
    return Math.max(this.minimum, this.#desired)
  }

  /** Looks at the fleet every 15 s. Returns how many replicas there should be. */
  look(at: number, coresOfUp: readonly number[], starting: number): number {
    if (at - this.#syncedAt < SYNC_MS) return this.desired
    this.#syncedAt = at
    const wished = Math.min(this.maximum, Math.max(this.minimum, wishedReplicas(coresOfUp, starting)))
    this.#wishes = [...this.#wishes.filter((wish) => wish.at > at - STABILISATION_MS), { at, replicas: wished }]
    this.#desired = wished > this.#desired ? wished : Math.min(this.#desired, this.#highestWish())
    return this.desired
  }

  #highestWish(): number {
    return Math.max(...this.#wishes.map(({ replicas }) => replicas))
  }
}
