import { randomUUID } from 'node:crypto'
import type { RedisClients } from '../../redis/clients.ts'
import { type RedisConnection, redisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { askServer, requireFitServer } from '../../redis/server-check.ts'
import { StoreError } from '../store-error.ts'
import type { RecordTarget, TransferRecord } from '../transfer/record.ts'
import { listingOf, listings } from './commit.ts'
import { type Keys, keysOf } from './keys.ts'
import { keysWith } from './names.ts'
import { onceReached } from './once-reached.ts'
import { packed } from './packed-record.ts'
import { redisRecords } from './read-all.ts'
import { optionalText, textOf } from './replies.ts'
import { IMPORTING, LAYOUT, requireKnownSchema } from './schema.ts'

/** Puts one word in place of another (empty: of none). Returns 0 where that one is not there. */
const EXCHANGE = script(`
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1`)

/** Runs commands, each with the number of its words before it, while the import is the one that ARGV[1] names. Returns 0 where it is another. */
const WRITE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local at = 2
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, last))
  at = last + 1
end
return 1`)

/** Numbers go on above these, where they are not above them already. */
const RAISE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for index = 2, 3 do
  if tonumber(redis.call('GET', KEYS[index]) or 0) < tonumber(ARGV[index]) then redis.call('SET', KEYS[index], ARGV[index]) end
end
return 1`)

/**
 * Takes records in under a mark in place of the layout's version, on which no incbot starts, also none of an earlier version. An import that was cut off
 * leaves the mark behind; the next one takes it over, and whoever still writes under the old one is refused.
 */
export function openRedisTarget(clients: RedisClients, prefix: string): RecordTarget {
  const keys = keysOf(prefix)
  const redis = redisConnection(clients, keys.schema)
  const mark = `${IMPORTING}${randomUUID()}`
  const ours = async (answer: Promise<unknown>): Promise<void> => {
    if (textOf(await answer) !== '1') throw somebodyElse(redis.name)
  }
  const exchange = (before: string, after: string | number) =>
    ours(redis.runConfirmed(EXCHANGE, [keys.schema], [before, after]))
  /** What `begin` replaces. */
  let before = ''

  return {
    name: `The store in ${redis.name} under the REDIS_PREFIX ${prefix}`,
    records: () => redisRecords(redis, keys),
    async prepare() {
      requireFitServer(await onceReached(() => askServer(redis)), redis.name)
      before = optionalText(await redis.call('GET', keys.schema)) ?? ''
      if (!before.startsWith(IMPORTING)) {
        await requireKnownSchema(redis, keys)
        return
      }
      await exchange(before, mark)
      before = mark
      await clear(redis, keys)
    },
    begin: () => exchange(before, mark),
    async write(records) {
      const commands = records.flatMap((record) => commandsOf(record, keys))
      const words = commands.flatMap((command) => [command.length, ...command])
      await ours(redis.runConfirmed(WRITE, [keys.schema], [mark, ...words]))
      for (const record of records)
        if (record.kind === 'numbers') {
          const { last, fence } = record
          await ours(redis.runConfirmed(RAISE, [keys.schema, keys.counter, keys.fences], [mark, last, fence]))
        }
    },
    finish: () => exchange(mark, LAYOUT),
    async abandon() {
      // Whoever has taken the mark over clears by themselves.
      if (optionalText(await redis.call('GET', keys.schema)) !== mark) return
      await clear(redis, keys)
      await exchange(mark, '')
    },
    async close() {
      redis.stop()
      clients.close()
    },
  }
}

/** Removes all but the mark, and the fences, which must grow whatever happens. */
async function clear(redis: RedisConnection, keys: Keys): Promise<void> {
  const stays = new Set([keys.schema, keys.fences, keys.counter])
  for await (const names of keysWith(redis, keys, keys.everything)) {
    const gone = names.filter((name) => !stays.has(name))
    if (gone.length > 0) await redis.call('UNLINK', ...gone)
  }
}

type RedisCommand = readonly [string, string, ...(string | number)[]]

/** How a record is kept: the same as what the store's own scripts would have left. */
function commandsOf(one: TransferRecord, keys: Keys): readonly RedisCommand[] {
  switch (one.kind) {
    case 'incident': {
      const { id, service, openedAt } = one.record
      const listing = listingOf(one.record)
      const fields = ['version', one.version, 'record', packed(JSON.stringify(one.record)), 'listing', listing]
      return [
        ['HSET', keys.incident(id), ...fields, ...(service === undefined ? [] : ['service', service])],
        ['ZADD', keys.incidentIds, 0, id],
        ...listings(keys, listing, service).map((list): RedisCommand => ['ZADD', list, openedAt, id]),
      ]
    }
    case 'entry':
      return [['RPUSH', keys.timeline(one.incidentId), JSON.stringify(one.entry)]]
    case 'event':
      return [
        ['RPUSH', keys.inbox(one.incidentId), `${one.sequence}|${one.receivedAt}|${JSON.stringify(one.event)}`],
        ['INCR', keys.inboxSize],
      ]
    case 'seen':
      return [['ZADD', keys.seen, one.at, one.key]]
    case 'leader':
      return [
        ['HSET', keys.leader, one.group, one.incidentId],
        ['ZADD', keys.leadsUntil, one.until, one.group],
        ['SADD', keys.led(one.incidentId), one.group],
      ]
    case 'joined':
      return [
        ['HSET', keys.joined, one.incidentId, one.leaderId],
        ['ZADD', keys.joinedAt, one.at, one.incidentId],
      ]
    case 'due':
      return [
        ['ZADD', keys.due, one.at, one.key],
        ['HSET', keys.tickets, one.key, one.ticket],
      ]
    case 'delivery':
      return [['HSET', keys.deliveries(one.record.incidentId), one.record.key, JSON.stringify(one.record)]]
    case 'freeze': {
      const { id, until, liftedAt } = one.record
      const holding: readonly RedisCommand[] = liftedAt === undefined ? [['ZADD', keys.holding, until, id]] : []
      return [['HSET', keys.freezes, id, JSON.stringify(one.record)], ...holding]
    }
    case 'setting':
      return [['HSET', keys.settings, one.name, one.value]]
    case 'numbers':
      return []
  }
}

function somebodyElse(name: string): StoreError {
  return new StoreError(
    'half-imported',
    `Somebody else has begun to use ${name}, or imports into it as well. Nothing more was written. Stop every incbot that uses it, and import again.`,
  )
}
