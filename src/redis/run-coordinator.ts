import type { RunCoordinator } from '../ops/schedule.ts'
import type { RedisClient } from './clients.ts'

export interface RunCoordinatorOptions {
  /** For commands. */
  readonly client: RedisClient
  /** Hash tag of all keys. */
  readonly prefix: string
  /** This replica. */
  readonly owner: string
}

/**
 * Says, for each slot of a schedule, which replica runs it: the first that asks. Whoever it was, nobody gives the slot back: a slot that was
 * released on completion would be run again by a replica whose clock is a little late. Rejects when Redis is out of reach, and then nobody runs.
 */
export function redisRunCoordinator({ client, prefix, owner }: RunCoordinatorOptions): RunCoordinator {
  return {
    shouldRun: async (slot, ttlMs) => (await client.set(`{${prefix}}:slot:${slot}`, owner, 'PX', ttlMs, 'NX')) === 'OK',
  }
}
