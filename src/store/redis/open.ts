import type { RedisClients } from '../../redis/clients.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import { redisConnection } from '../../redis/connection.ts'
import { askServer, requireFitServer, type Safekeeping, safekeepingOf } from '../../redis/server-check.ts'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { keysOf } from './keys.ts'
import { redisStore } from './redis-store.ts'
import { migrate } from './schema.ts'

export interface RedisStoreOptions {
  readonly clients: RedisClients
  /** Hash tag of all keys. */
  readonly prefix: string
  /** Hears once, when Redis is first reached, how safe the records are there. */
  readonly onSafekeeping?: (safekeeping: Safekeeping) => void
}

/**
 * The store in Redis, shared by every incbot with the same Redis and prefix. Opens at once, whether Redis can be reached or not: until its settings and
 * its layout were looked at every call looks first, and rejects as long as they cannot be looked at or are not fit (see `StoreProblem`).
 */
export function openRedisStore({ clients, prefix, onSafekeeping }: RedisStoreOptions): Store {
  const keys = keysOf(prefix)
  const connection = redisConnection(clients, keys.schema)
  let closed = false

  const prepare = untilDone(async () => {
    const facts = await askServer(connection)
    requireFitServer(facts, connection.name)
    await migrate(connection, keys)
    onSafekeeping?.(safekeepingOf(facts))
  })
  const before = (): Promise<void> | undefined => {
    if (closed) throw new StoreError('closed', 'The store was used after it was closed.')
    return prepare()
  }
  const underWay = new Set<Promise<unknown>>()
  return {
    ...redisStore(preparedFirst(connection, before, underWay), keys),
    async close() {
      // What came in during this turn of the event loop is sent at its end.
      await new Promise((resolve) => setImmediate(resolve))
      closed = true
      await Promise.allSettled(underWay)
      connection.stop()
      clients.close()
    },
  }
}

/** Runs `work` for all who ask at the same time, and again for those who ask after it failed. Undefined once it is done. */
function untilDone(work: () => Promise<void>): () => Promise<void> | undefined {
  let done = false
  let running: Promise<void> | undefined
  const run = async (): Promise<void> => {
    try {
      await work()
      done = true
    } finally {
      running = undefined
    }
  }
  return () => {
    if (done) return undefined
    running ??= run()
    return running
  }
}

function preparedFirst(
  connection: RedisConnection,
  before: () => Promise<void> | undefined,
  underWay: Set<Promise<unknown>>,
): RedisConnection {
  const prepared = (call: () => Promise<unknown>): Promise<unknown> => {
    const work = (async () => {
      await before()
      return call()
    })()
    underWay.add(work)
    const ended = (): void => void underWay.delete(work)
    work.then(ended, ended)
    return work
  }
  return {
    ...connection,
    call: (...command) => prepared(() => connection.call(...command)),
    run: (...call) => prepared(() => connection.run(...call)),
    runConfirmed: (...call) => prepared(() => connection.runConfirmed(...call)),
  }
}
