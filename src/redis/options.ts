import type { ClusterOptions, RedisOptions } from 'ioredis'
import type { RedisAddress } from '../config/redis-url.ts'
import { LastingSentinelConnector } from './sentinel-connector.ts'

/**
 * What a client is for. `commands`: short calls of which each must end soon, whatever becomes of Redis. `queue`: adding to BullMQ's queues, the
 * same. `worker`: blocking reads, which wait as long as it takes.
 */
export type RedisPurpose = 'commands' | 'queue' | 'worker'

/** A call that was not answered in this time is given up; it may have been carried out all the same. */
export const COMMAND_TIMEOUT_MS = 1_400
const CONNECT_TIMEOUT_MS = 1_500
/** A process that ends does not wait longer than this for a server to say goodbye. */
const DISCONNECT_TIMEOUT_MS = 300
/** A connection that stays silent this long although it was asked something is dropped, and another one opened. */
const SILENCE_MS = 5_000
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 1_000

export interface RedisSettings {
  readonly address: RedisAddress
  /** PEM of who signed the server's certificate, where the system does not know them. */
  readonly tlsCa?: string
}

/** When to try the `attempt`th time to connect: after so many milliseconds, or never again. */
export type Retry = (attempt: number) => number | null

/** Tries for ever: soon, then once a second, which is often enough for people and costs nothing. */
export const retryForEver: Retry = (attempt) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LAST_RETRY_MS)

/** Lists and texts, as every version of Redis answers. */
type Options = RedisOptions & { readonly replyMapping: 'legacy' }

/** Options of one connection, for each kind of address. */
export function connectionOptions({ address, tlsCa }: RedisSettings, purpose: RedisPurpose, retry: Retry): Options {
  const { username, password, tls } = address
  const common: Options = {
    protocol: 2,
    replyMapping: 'legacy',
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tlsCa === undefined ? {} : { ca: tlsCa } }),
    connectionName: `incbot-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: retry,
    // What was under way when a connection broke may have been carried out: whoever asked is told so, and decides.
    autoResendUnfulfilledCommands: purpose === 'worker',
    // A master that became a replica says so. Ask again who is the master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  }
  if (purpose === 'worker') return { ...common, maxRetriesPerRequest: null }
  return {
    ...common,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
  }
}

/** Options that find the master through Sentinels. */
export function sentinelOptions(
  settings: RedisSettings,
  { sentinels, master, db }: Extract<RedisAddress, { kind: 'sentinel' }>,
  purpose: RedisPurpose,
  retry: Retry,
): Options {
  const { tls, ...options } = connectionOptions(settings, purpose, retry)
  return {
    ...options,
    ...(tls && { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: master,
    db,
    sentinelRetryStrategy: retry,
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    failoverDetector: true,
    Connector: LastingSentinelConnector,
  }
}

/** Options of a Cluster; its connections have those of a single one. */
export function clusterOptions(
  settings: RedisSettings,
  purpose: RedisPurpose,
  retry: Retry,
): ClusterOptions & { readonly redisOptions: { readonly replyMapping: 'legacy' } } {
  const {
    retryStrategy: _retry,
    enableOfflineQueue: _queue,
    ...redisOptions
  } = connectionOptions(settings, purpose, retry)
  const common = {
    redisOptions,
    clusterRetryStrategy: retry,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
    slotsRefreshInterval: 2_000,
  }
  if (purpose === 'worker') return common
  // Repeating by itself what may have been carried out is not for the client to do.
  return { ...common, enableOfflineQueue: false, retryDelayOnFailover: 0, retryDelayOnClusterDown: 0 }
}
