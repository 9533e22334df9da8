import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../config/environment.ts'
import type { RedisEnvironment } from '../config/redis-environment.ts'
import { redisName } from '../config/redis-url.ts'
import type { Logger } from '../pipeline/ports.ts'
import type { RedisClients, RedisEvent } from '../redis/clients.ts'
import { onceReached } from '../store/redis/once-reached.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import type { Store } from '../store/store.ts'
import { StoreError } from '../store/store-error.ts'
import { ConfigurationError } from './load.ts'

/** Where the records are. `store.close()` closes all of it, `redis` too. */
export interface Storage {
  readonly store: Store
  /** For others that keep something in the same Redis. */
  readonly redis?: { readonly clients: RedisClients; readonly prefix: string }
}

/**
 * Opens the records: in Redis where REDIS_URL is set, else in the data directory, which is there afterwards in both cases. A Redis that cannot be reached
 * does not keep incbot from starting: it is not ready, and comes up once it can be. What only a person can put right throws `ConfigurationError`:
 * a refused login, settings with which records would be lost, records of a later incbot.
 */
export async function openStorage(
  { dataDir, redis }: Pick<Environment, 'dataDir' | 'redis'>,
  owner: string,
  log: Logger,
): Promise<Storage> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  if (redis === undefined) return { store: await openSqliteStore({ path: join(dataDir, 'incbot.db'), ownerId: owner }) }
  // Three hundred files that a bot with SQLite never needs.
  const { openRedisStore } = await import('../store/redis/open.ts')
  const clients = await connect(redis, log)
  const store = openRedisStore({
    clients,
    prefix: redis.prefix,
    onSafekeeping: ({ level, text }) =>
      log[level]({ redis: redisName(redis.address), text }, 'Records are kept in Redis'),
  })
  try {
    await reached(store, log)
  } catch (error) {
    await store.close()
    throw error
  }
  return { store, redis: { clients, prefix: redis.prefix } }
}

async function connect({ address, tlsCa }: RedisEnvironment, log: Logger): Promise<RedisClients> {
  const { openRedisClients } = await import('../redis/clients.ts')
  const redis = redisName(address)
  let away = false
  return openRedisClients({ address, ...(tlsCa !== undefined && { tlsCa }) }, (event: RedisEvent) => {
    if (event.type === 'ready' && away) log.info({ redis }, 'Redis can be reached again')
    // Once for each outage: it is tried again every second. The error itself may hold what was sent, logins too.
    if (event.type === 'error' && !away) log.warn({ redis, reason: reasonOf(event.error) }, 'Redis cannot be reached')
    away = event.type === 'error'
  })
}

async function reached(store: Store, log: Logger): Promise<void> {
  try {
    await onceReached(() => store.probe())
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    if (error.problem !== 'unavailable') throw new ConfigurationError([error.message])
    log.error({ err: error }, 'Starting without Redis: nothing is ready until it can be reached')
  }
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'message' in error ? String(error.message) : 'unknown'
}
