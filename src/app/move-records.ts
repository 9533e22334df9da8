import { join } from 'node:path'
import type { RedisEnvironment } from '../config/redis-environment.ts'
import { redisName } from '../config/redis-url.ts'
import { openRedisClients, type RedisClients } from '../redis/clients.ts'
import { redisConnection } from '../redis/connection.ts'
import { replicasAtWork } from '../redis/replica-count.ts'
import { openRedisTarget } from '../store/redis/import.ts'
import { keysOf } from '../store/redis/keys.ts'
import { onceReached } from '../store/redis/once-reached.ts'
import { openRedisSource } from '../store/redis/open-records.ts'
import { openSqliteTarget } from '../store/sqlite/import.ts'
import { openSqliteSource } from '../store/sqlite/open-records.ts'
import { StoreError } from '../store/store-error.ts'
import { exportLines } from '../store/transfer/lines.ts'
import { moveRecords, type OnProgress } from '../store/transfer/move.ts'
import { readExport } from '../store/transfer/read-lines.ts'
import { countsInWords, type RecordSource, type RecordTarget, type TransferRecord } from '../store/transfer/record.ts'
import type { RecordsPlace } from './audit-records.ts'

/** The records cannot be moved; the message is for people. */
export class MoveError extends Error {
  override readonly name = 'MoveError'
}

/** Where records lie, in one place or the other. */
export type Keeper = 'sqlite' | 'redis'

/** Everything that is kept, as lines of an export. Throws `MoveError`, also in the middle: what came until then is not everything. */
export async function* exportedLines(place: RecordsPlace): AsyncGenerator<string, void> {
  const source = await explained(() => openSource(place, keeperOf(place)))
  try {
    yield* exportLines(source.records())
  } catch (error) {
    throw moveError(error)
  } finally {
    await source.close()
  }
}

/** Takes the lines of an export in, all or nothing; `name` is the file, for texts. Returns what was imported, in words. Throws `MoveError`. */
export async function importLines(
  place: RecordsPlace,
  lines: AsyncIterable<string>,
  name: string,
  onProgress: OnProgress,
): Promise<string> {
  return explained(() => moveInto(place, keeperOf(place), readExport(lines, name), onProgress))
}

/** Moves everything to the other keeper, all or nothing, and changes nothing where it was. Returns what was moved, in words. Throws `MoveError`. */
export async function migrateRecords(place: RecordsPlace, to: Keeper, onProgress: OnProgress): Promise<string> {
  return explained(async () => {
    const source = await openSource(place, to === 'redis' ? 'sqlite' : 'redis')
    try {
      return await moveInto(place, to, source.records(), onProgress)
    } finally {
      await source.close()
    }
  })
}

/** Where these records are, in words. */
export function placeInWords({ dataDir, redis }: RecordsPlace, keeper: Keeper): string {
  if (keeper === 'sqlite' || redis === undefined) return join(dataDir, 'incbot.db')
  return `${redisName(redis.address)} (REDIS_PREFIX ${redis.prefix})`
}

export const keeperOf = ({ redis }: RecordsPlace): Keeper => (redis === undefined ? 'sqlite' : 'redis')

async function moveInto(
  place: RecordsPlace,
  keeper: Keeper,
  records: AsyncIterable<TransferRecord>,
  onProgress: OnProgress,
): Promise<string> {
  const target = await openTarget(place, keeper)
  try {
    return countsInWords(await moveRecords(records, target, onProgress))
  } finally {
    await target.close()
  }
}

async function openSource(place: RecordsPlace, keeper: Keeper): Promise<RecordSource> {
  if (keeper === 'sqlite') return openSqliteSource(join(place.dataDir, 'incbot.db'))
  const redis = requireRedis(place)
  return openRedisSource(await idleClients(redis), redis.prefix)
}

async function openTarget(place: RecordsPlace, keeper: Keeper): Promise<RecordTarget> {
  if (keeper === 'sqlite') return openSqliteTarget(join(place.dataDir, 'incbot.db'), `incbot store, pid ${process.pid}`)
  const redis = requireRedis(place)
  return openRedisTarget(await idleClients(redis), redis.prefix)
}

function requireRedis({ redis }: RecordsPlace): RedisEnvironment {
  if (redis !== undefined) return redis
  throw new MoveError('REDIS_URL is not set; it says in which Redis the records are, or will be.')
}

/** Clients of a Redis with whose records no incbot works. */
async function idleClients({ address, tlsCa, prefix }: RedisEnvironment): Promise<RedisClients> {
  const clients = openRedisClients({ address, ...(tlsCa !== undefined && { tlsCa }) }, () => {})
  const redis = redisConnection(clients, keysOf(prefix).schema)
  try {
    if ((await onceReached(() => replicasAtWork(redis, prefix))) === 0) return clients
    throw new StoreError(
      'in-use',
      `An incbot works with the records in ${redis.name} (REDIS_PREFIX ${prefix}). Stop every one that uses them, and try again: what they ` +
        'change meanwhile would be lost. One that was killed counts for ten seconds more.',
    )
  } catch (error) {
    clients.close()
    throw error
  } finally {
    redis.stop()
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw moveError(error)
  }
}

function moveError(error: unknown): unknown {
  return error instanceof StoreError ? new MoveError(error.message, { cause: error }) : error
}
