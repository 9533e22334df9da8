import type { RedisClient } from './clients.ts'
import type { RedisConnection } from './connection.ts'
import { runScript } from './run-script.ts'
import { script } from './script.ts'

/** How many replicas are at work, as far as this one knows. */
export interface ReplicaCount {
  /** At least 1: this one. As it was last known while Redis does not answer. */
  current(): number
  /** This one is not counted any more. Never rejects. */
  stop(): Promise<void>
}

const SAYS_EVERY_MS = 2_000
/** Who said nothing for so long is gone: a kill -9 says no goodbye. */
const COUNTED_FOR_MS = 10_000

/** Scores are the server's clock, so that no replica's own matters. ARGV: this replica, and for how long it is counted. Returns how many there are. */
const HERE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])`)

const THERE = script(`
local time = redis.call('TIME')
return redis.call('ZCOUNT', KEYS[1], '(' .. (time[1] * 1000 + math.floor(time[2] / 1000)), '+inf')`)

const keyOf = (prefix: string): string => `{${prefix}}:replicas`

/** How many replicas are at work, for whoever is none. One that was killed is counted for ten seconds more. */
export async function replicasAtWork(redis: Pick<RedisConnection, 'run'>, prefix: string): Promise<number> {
  return Number(await redis.run(THERE, [keyOf(prefix)], []))
}

export interface ReplicaCountOptions {
  /** For commands. */
  readonly client: RedisClient
  /** Hash tag of all keys. */
  readonly prefix: string
  /** This replica. */
  readonly owner: string
}

/** Counts who shares something, such as what Slack grants a workspace. */
export function countReplicas({ client, prefix, owner }: ReplicaCountOptions): ReplicaCount {
  const key = keyOf(prefix)
  let count = 1

  async function say(): Promise<void> {
    const answer = await runScript(client, HERE, [1, key, owner, COUNTED_FOR_MS])
    count = Math.max(1, Number(answer))
  }
  // Redis in trouble is told of by whoever keeps records in it.
  const sayOrNot = (): void => void say().catch(() => undefined)

  client.once('ready', sayOrNot)
  const timer = setInterval(sayOrNot, SAYS_EVERY_MS).unref()
  return {
    current: () => count,
    async stop() {
      clearInterval(timer)
      client.off('ready', sayOrNot)
      await client.zrem(key, owner).catch(() => undefined)
    },
  }
}
