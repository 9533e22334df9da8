import { Cluster, Redis } from 'ioredis'
import {
  clusterOptions,
  connectionOptions,
  type RedisPurpose,
  type RedisSettings,
  type Retry,
  retryForEver,
  sentinelOptions,
} from './options.ts'

/** A client of ioredis: of one server, of whoever the Sentinels say is the master, or of a Cluster. */
export type RedisClient = Redis | Cluster

/** Clients of one Redis, each with connections of its own. */
export interface RedisClients {
  readonly settings: RedisSettings
  /** Opens one; it connects by itself, as often as needed. What goes wrong is said by its `error` events, which are listened to. */
  client(purpose: RedisPurpose): RedisClient
  /** Lets go of all of them, and of what libraries copied from them. Whoever wants what is under way to end waits for that first. */
  close(): void
}

/** What happens to a connection, for the log. */
export type RedisEvent = { readonly type: 'error'; readonly error: unknown } | { readonly type: 'ready' }

/** `onEvent` hears of every client, and must not throw. */
export function openRedisClients(settings: RedisSettings, onEvent: (event: RedisEvent) => void): RedisClients {
  const clients: RedisClient[] = []
  let closed = false
  // Copies have it too: one of BullMQ's may begin to connect when all is over.
  const retry: Retry = (attempt) => (closed ? null : retryForEver(attempt))
  return {
    settings,
    client(purpose) {
      const client = connect(settings, purpose, retry)
      client.on('error', (error: unknown) => onEvent({ type: 'error', error }))
      client.on('ready', () => onEvent({ type: 'ready' }))
      clients.push(client)
      return client
    },
    close() {
      closed = true
      for (const client of clients) client.disconnect()
    },
  }
}

function connect(settings: RedisSettings, purpose: RedisPurpose, retry: Retry): RedisClient {
  const { address } = settings
  if (address.kind === 'sentinel') return new Redis(sentinelOptions(settings, address, purpose, retry))
  if (address.kind === 'cluster')
    return new Cluster(
      address.nodes.map(({ host, port }) => ({ host, port })),
      clusterOptions(settings, purpose, retry),
    )
  const { at, db } = address
  return new Redis({ ...connectionOptions(settings, purpose, retry), ...at, db })
}
