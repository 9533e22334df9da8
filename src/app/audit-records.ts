import { join } from 'node:path'
import type { RedisEnvironment } from '../config/redis-environment.ts'
import { auditLines, OWNER_HEADER } from '../ops/audit-route.ts'
import { openRedisClients } from '../redis/clients.ts'
import { openRedisRecords } from '../store/redis/open-records.ts'
import { readOwner } from '../store/sqlite/open.ts'
import { openSqliteRecords } from '../store/sqlite/open-records.ts'
import { StoreError } from '../store/store-error.ts'

/** Where records are. */
export interface RecordsPlace {
  readonly dataDir: string
  /** Has the records in place of the data directory. */
  readonly redis?: RedisEnvironment
}

export interface AuditPlace extends RecordsPlace {
  /** Where a running bot's ops port is. */
  readonly host: string
  readonly opsPort: number
}

/** The records cannot be read; the message is for people. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
}

/**
 * Every recorded entry as a line of JSON, from Redis, from the data directory, or from the bot that has it open. Throws `AuditError` where neither answers, also
 * in the middle: what was read until then is not everything.
 */
export async function* recordedLines(place: AuditPlace, incident?: string): AsyncGenerator<string, void, undefined> {
  if (place.redis !== undefined) {
    yield* linesOfRedis(place.redis, incident)
    return
  }
  const path = join(place.dataDir, 'incbot.db')
  const records = openUnlessInUse(path)
  if (records === 'in-use') {
    yield* linesOfBot(place, readOwner(path), incident)
    return
  }
  try {
    yield* auditLines(records, incident)
  } catch (error) {
    throw new AuditError(`The records in ${path} cannot be read: ${sentence(error)}`, { cause: error })
  } finally {
    records.close()
  }
}

async function* linesOfRedis(
  { address, tlsCa, prefix }: RedisEnvironment,
  incident: string | undefined,
): AsyncGenerator<string, void, undefined> {
  const clients = openRedisClients({ address, ...(tlsCa !== undefined && { tlsCa }) }, () => {})
  try {
    const records = await openRedisRecords(clients, prefix)
    yield* auditLines(records, incident)
  } catch (error) {
    throw new AuditError(`The records cannot be read: ${sentence(error)}`, { cause: error })
  } finally {
    clients.close()
  }
}

function openUnlessInUse(path: string): ReturnType<typeof openSqliteRecords> | 'in-use' {
  try {
    return openSqliteRecords(path)
  } catch (error) {
    if (error instanceof StoreError && error.problem === 'in-use') return 'in-use'
    throw new AuditError(sentence(error), { cause: error })
  }
}

async function* linesOfBot(
  { host, opsPort }: AuditPlace,
  owner: string | undefined,
  incident: string | undefined,
): AsyncGenerator<string, void, undefined> {
  const address = new URL(`http://${reachable(host)}:${opsPort}/audit`)
  if (incident !== undefined) address.searchParams.set('incident', incident)
  const failed = (why: string, cause?: unknown) =>
    new AuditError(`incbot has its records open, and its ops port ${address.origin} ${why}`, { cause })
  const response = await fetch(address).catch((error: unknown) => {
    throw failed('does not answer. Are HOST and OPS_PORT those that it runs with?', error)
  })
  if (!response.ok || response.body === null) throw failed(`answered ${response.status}. Its log says why.`)
  if (response.headers.get(OWNER_HEADER) !== owner) {
    await response.body.cancel()
    throw failed('belongs to another incbot. Set HOST and OPS_PORT to those that this one runs with.')
  }
  try {
    for await (const text of response.body.pipeThrough(new TextDecoderStream())) yield text
  } catch (error) {
    throw failed('broke off in the middle of its answer, so this is not everything. Run it again.', error)
  }
}

/** Whoever listens on every address is asked on the nearest. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
