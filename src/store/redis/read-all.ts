import type { IncidentEvent } from '../../domain/event.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import type { LastNumbers, TransferRecord } from '../transfer/record.ts'
import type { Keys } from './keys.ts'
import { byBytes, partsBehind } from './names.ts'
import { unpacked } from './packed-record.ts'
import { listOf, numberOf, optionalText, pairsOf, textsOf } from './replies.ts'

const AT_ONCE = 500

type Records = AsyncGenerator<TransferRecord, void, undefined>

/** Text that the store wrote itself, with what JSON made of it; the caller names the type that was written. */
const stored = <T>(text: string): T => JSON.parse(text) as T

/** Everything that is kept, in the order of every store. Only names are ever all in memory. */
export async function* redisRecords(redis: RedisConnection, keys: Keys): Records {
  for await (const names of pages((from, to) => redis.call('ZRANGE', keys.incidentIds, from, to)))
    for (const id of names) yield* incident(redis, keys, id)
  for (const incidentId of await partsBehind(redis, keys, keys.inbox('')))
    for await (const entries of pages((from, to) => redis.call('LRANGE', keys.inbox(incidentId), from, to)))
      for (const text of entries) yield { kind: 'event', incidentId, ...readEvent(text) }
  for await (const [key, at] of scored(redis, keys.seen)) yield { kind: 'seen', key, at }
  for await (const [group, until, incidentId] of scored(redis, keys.leadsUntil, keys.leader))
    yield { kind: 'leader', group, incidentId, until }
  for await (const [incidentId, at, leaderId] of scored(redis, keys.joinedAt, keys.joined))
    yield { kind: 'joined', incidentId, leaderId, at }
  for await (const [key, at, ticket] of scored(redis, keys.due, keys.tickets))
    yield { kind: 'due', key, at, ticket: numberOf(ticket) }
  for (const incidentId of await partsBehind(redis, keys, keys.deliveries('')))
    for await (const [, record] of fields(redis, keys.deliveries(incidentId)))
      yield { kind: 'delivery', record: stored(record) }
  for await (const [, record] of fields(redis, keys.freezes)) yield { kind: 'freeze', record: stored(record) }
  for await (const [name, value] of fields(redis, keys.settings)) yield { kind: 'setting', name, value }
  yield { kind: 'numbers', ...(await redisNumbers(redis, keys)) }
}

async function* incident(redis: RedisConnection, keys: Keys, id: string): Records {
  const [version, record] = textsOf(await redis.call('HMGET', keys.incident(id), 'version', 'record'))
  yield { kind: 'incident', version: numberOf(version), record: stored(unpacked(record ?? '')) }
  for await (const entries of pages((from, to) => redis.call('LRANGE', keys.timeline(id), from, to)))
    for (const entry of entries) yield { kind: 'entry', incidentId: id, entry: stored(entry) }
}

/** What was given out so far. */
export async function redisNumbers(redis: RedisConnection, keys: Keys): Promise<LastNumbers> {
  const [last = 0, fence = 0] = listOf(await redis.call('MGET', keys.counter, keys.fences)).map((text) =>
    Number(optionalText(text) ?? 0),
  )
  return { last, fence }
}

function readEvent(text: string): { sequence: number; receivedAt: number; event: IncidentEvent } {
  const first = text.indexOf('|')
  const second = text.indexOf('|', first + 1)
  return {
    sequence: Number(text.slice(0, first)),
    receivedAt: Number(text.slice(first + 1, second)),
    event: stored(text.slice(second + 1)),
  }
}

/** A list or sorted set by rank. */
async function* pages(read: (from: number, to: number) => Promise<unknown>): AsyncGenerator<readonly string[], void> {
  for (let from = 0; ; from += AT_ONCE) {
    const found = textsOf(await read(from, from + AT_ONCE - 1))
    yield found
    if (found.length < AT_ONCE) return
  }
}

/** Members of a sorted set with their scores, and with what a hash has for each. */
async function* scored(
  redis: RedisConnection,
  set: string,
  hash?: string,
): AsyncGenerator<readonly [string, number, string], void> {
  for (let from = 0; ; from += AT_ONCE) {
    const found = pairsOf(await redis.call('ZRANGE', set, from, from + AT_ONCE - 1, 'WITHSCORES'))
    const names = found.map(([name]) => name)
    const values = hash === undefined || names.length === 0 ? [] : textsOf(await redis.call('HMGET', hash, ...names))
    for (const [index, [name, score]] of found.entries()) yield [name, numberOf(score), values[index] ?? '']
    if (found.length < AT_ONCE) return
  }
}

/** Fields of a hash in the order of their names. */
async function* fields(redis: RedisConnection, hash: string): AsyncGenerator<readonly [string, string], void> {
  const names = byBytes(textsOf(await redis.call('HKEYS', hash)))
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE)
    const values = textsOf(await redis.call('HMGET', hash, ...some))
    for (const [index, name] of some.entries()) yield [name, values[index] ?? '']
  }
}
