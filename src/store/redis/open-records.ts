import type { RedisClients } from '../../redis/clients.ts'
import { type RedisConnection, redisConnection } from '../../redis/connection.ts'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { RecordSource } from '../transfer/record.ts'
import { incidentReader } from './incidents.ts'
import { type Keys, keysOf } from './keys.ts'
import { onceReached } from './once-reached.ts'
import { redisNumbers, redisRecords } from './read-all.ts'
import { LAYOUT, requireKnownSchema } from './schema.ts'

/** What a store in Redis has recorded, for those who only look at it. */
export interface RedisRecords extends Pick<Store, 'incidentIds' | 'timeline'> {
  close(): void
}

/** Reads beside whoever works with the records, and changes nothing, its layout neither. Throws a StoreError. */
export async function openRedisRecords(clients: RedisClients, prefix: string): Promise<RedisRecords> {
  const { redis, keys, close } = await openToRead(clients, prefix)
  const reader = incidentReader(redis, keys)
  return {
    incidentIds: (after, limit) => reader.ids(after, limit),
    timeline: (incidentId) => reader.timeline(incidentId),
    close,
  }
}

/** Everything that the store keeps, to be moved. Throws a StoreError, at the end too where somebody has changed the records meanwhile. */
export async function openRedisSource(clients: RedisClients, prefix: string): Promise<RecordSource> {
  const { redis, keys, layout, close } = await openToRead(clients, prefix)
  if (layout !== LAYOUT) {
    close()
    const text =
      layout === 0
        ? `There are no records in ${redis.name} under the REDIS_PREFIX ${prefix}.`
        : `The records in ${redis.name} are of an older incbot. Start this one on them once, and end it.`
    throw new StoreError('unavailable', text)
  }
  const before = await redisNumbers(redis, keys)
  return {
    async *records() {
      for await (const record of redisRecords(redis, keys)) {
        if (record.kind === 'numbers' && (record.last !== before.last || record.fence !== before.fence))
          throw new StoreError(
            'unavailable',
            `The records in ${redis.name} were changed while they were read, so this is not everything. Stop every incbot that uses them, and try again.`,
          )
        yield record
      }
    },
    close: async () => close(),
  }
}

interface Reading {
  readonly redis: RedisConnection
  readonly keys: Keys
  readonly layout: number
  readonly close: () => void
}

async function openToRead(clients: RedisClients, prefix: string): Promise<Reading> {
  const keys = keysOf(prefix)
  const redis = redisConnection(clients, keys.schema)
  const close = (): void => {
    redis.stop()
    clients.close()
  }
  try {
    return { redis, keys, layout: await onceReached(() => requireKnownSchema(redis, keys)), close }
  } catch (error) {
    close()
    throw error
  }
}
