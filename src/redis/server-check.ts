import { StoreError } from '../store/store-error.ts'
import type { RedisConnection } from './connection.ts'

/** What a server says of how it keeps records; undefined where it does not say. */
export interface ServerFacts {
  readonly version?: string | undefined
  /** Bytes; 0 is no limit. */
  readonly maxmemoryBytes?: number | undefined
  readonly maxmemoryPolicy?: string | undefined
  readonly appendonly?: boolean | undefined
  readonly appendfsync?: string | undefined
  /** When it writes everything to disk; empty: never. */
  readonly save?: string | undefined
  /** How many replicas are connected. */
  readonly replicas?: number | undefined
  /** Whether it takes nothing in while it has no replica. */
  readonly needsReplica?: boolean | undefined
}

/** How safe records are there, as a sentence for people, and how loud it must be said. */
export interface Safekeeping {
  readonly level: 'info' | 'warn' | 'error'
  readonly text: string
}

/** Of 6.2 are the commands that the store's scripts need. */
const OLDEST: readonly [number, number] = [6, 2]

/** Throws a StoreError, `misconfigured`, where records would be thrown away or cannot be kept. */
export function requireFitServer(facts: ServerFacts, name: string): void {
  const [major = 0, minor = 0] = (facts.version ?? '').split('.').map(Number)
  if (facts.version !== undefined && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])))
    throw new StoreError(
      'misconfigured',
      `${name} has version ${facts.version}; incbot needs ${OLDEST.join('.')} or newer.`,
    )
  const { maxmemoryBytes = 0, maxmemoryPolicy = 'noeviction' } = facts
  if (maxmemoryBytes > 0 && maxmemoryPolicy !== 'noeviction')
    throw new StoreError(
      'misconfigured',
      `${name} throws records away when it is full: its maxmemory-policy is ${maxmemoryPolicy}. incbot would lose incidents, ` +
        'approvals and freezes without noticing. Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf), or give incbot ' +
        'a Redis of its own.',
    )
}

export function safekeepingOf(facts: ServerFacts): Safekeeping {
  const onDisk = onDiskOf(facts)
  const { replicas = 0, needsReplica = false } = facts
  if (replicas === 0 || needsReplica) return onDisk
  return {
    level: onDisk.level === 'error' ? 'error' : 'warn',
    text:
      `${onDisk.text} It has a replica and takes records in without one, too: after a failover there are two masters for a while, and what the ` +
      'old one takes in then is lost. Set min-replicas-to-write to 1.',
  }
}

function onDiskOf({ appendonly, appendfsync, save }: ServerFacts): Safekeeping {
  if (appendonly === undefined)
    return {
      level: 'warn',
      text: 'It does not say whether it writes to disk. Make sure that appendonly is on and appendfsync is always.',
    }
  if (appendonly && appendfsync === 'always') return { level: 'info', text: 'What was acknowledged is on its disk.' }
  if (appendonly)
    return {
      level: 'warn',
      text: `Its appendfsync is ${appendfsync ?? 'not known'}, so that a power failure can lose the last second or more. Set it to always.`,
    }
  const loss = save === undefined || save !== '' ? 'everything since its last snapshot' : 'everything'
  return {
    level: 'error',
    text: `It does not write to disk as it goes: a restart of Redis loses ${loss}. Set appendonly to yes.`,
  }
}

/** Asks a server. CONFIG is forbidden in many managed ones: then INFO says what it can. */
export async function askServer(connection: RedisConnection): Promise<ServerFacts> {
  const info = await connection.info('all')
  const said = (field: string): string | undefined => new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(info)?.[1]
  const setting = (name: string): Promise<string | undefined> => connection.setting(name).catch(() => undefined)
  const [appendonly, appendfsync, save] = await Promise.all([
    setting('appendonly'),
    setting('appendfsync'),
    setting('save'),
  ])
  const aof = appendonly === undefined ? said('aof_enabled') : Number(appendonly === 'yes')
  const maxmemory = said('maxmemory')
  return {
    version: said('redis_version'),
    maxmemoryBytes: maxmemory === undefined ? undefined : Number(maxmemory),
    maxmemoryPolicy: said('maxmemory_policy'),
    appendonly: aof === undefined ? undefined : Number(aof) === 1,
    appendfsync,
    save,
    replicas: Number(said('connected_slaves') ?? 0),
    // Said only where the setting is not 0.
    needsReplica: said('min_slaves_good_slaves') !== undefined,
  }
}
