import { type Exemption, type Freeze, holds, withExemption } from '../../domain/freeze.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { extendedFreeze, liftedFreeze } from '../freeze-changes.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import { requireTime } from '../require-time.ts'
import type { Delivery } from '../store.ts'
import { StoreError } from '../store-error.ts'
import type { Keys } from './keys.ts'
import { optionalText, pairsOf, textOf, textsOf } from './replies.ts'

const SAVE = script(`return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`)

/** Intents to send. */
export function deliveries(redis: RedisConnection, keys: Keys) {
  return {
    async list(incidentId: string): Promise<readonly Delivery[]> {
      const all = pairsOf(await redis.call('HGETALL', keys.deliveries(incidentId)))
      return [...all]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, record]) => decodeRecord<Delivery>(record))
    },
    async save(delivery: Delivery): Promise<void> {
      await redis.runConfirmed(SAVE, [keys.deliveries(delivery.incidentId)], [delivery.key, encodeRecord(delivery)])
    },
  }
}

/** Puts the record in place of the one it was computed from (empty: none). Returns 0 where that one is not there any more. */
const REPLACE = script(`
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[5] == '1' then redis.call('ZREM', KEYS[2], ARGV[1]) else redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1]) end
return 1`)

const HOLDING = script(`
local records = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], '(' .. ARGV[1], '+inf', 'BYSCORE')) do
  records[#records + 1] = redis.call('HGET', KEYS[1], id)
end
return records`)

/** Several people at the same freeze in the same moment are few. */
const ATTEMPTS = 20

/** Freezes. They are computed here, not in Lua, which would turn empty lists into objects. */
export function freezes(redis: RedisConnection, keys: Keys) {
  const both = [keys.freezes, keys.holding]

  /** Repeats `change` until nobody else has changed the freeze between reading and writing. */
  async function replace(
    id: string,
    change: (stored: Freeze | undefined) => Freeze | undefined,
  ): Promise<Freeze | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = optionalText(await redis.call('HGET', keys.freezes, id))
      const stored = before === undefined ? undefined : decodeRecord<Freeze>(before)
      const after = change(stored)
      if (after === undefined || after === stored) return stored
      const args = [
        id,
        before ?? '',
        encodeRecord(after),
        requireTime(after.until),
        Number(after.liftedAt !== undefined),
      ]
      if (textOf(await redis.runConfirmed(REPLACE, both, args)) === '1') return after
    }
    throw new StoreError(
      'unavailable',
      `The freeze ${id} is being changed by others again and again. Try it once more.`,
    )
  }

  return {
    async add(freeze: Freeze): Promise<Freeze> {
      return (await replace(freeze.id, (stored) => stored ?? freeze)) ?? freeze
    },
    lift: (id: string, by: string, now: number) => replace(id, (stored) => stored && liftedFreeze(stored, by, now)),
    extend: (id: string, until: number) => replace(id, (stored) => stored && extendedFreeze(stored, until)),
    exempt: (id: string, exemption: Exemption) => replace(id, (stored) => stored && withExemption(stored, exemption)),
    async active(now: number, service: string | undefined): Promise<readonly Freeze[]> {
      return textsOf(await redis.run(HOLDING, both, [now]))
        .map((record) => decodeRecord<Freeze>(record))
        .filter((freeze) => holds(freeze, now) && (service === undefined || freeze.service === service))
        .sort((left, right) => left.since - right.since)
    },
  }
}

const SET = script(`
if ARGV[2] then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) else redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1`)

/** Settings, and the number that a probe writes. */
export function settings(redis: RedisConnection, keys: Keys) {
  return {
    read: async (name: string): Promise<string | undefined> =>
      optionalText(await redis.call('HGET', keys.settings, name)),
    async save(name: string, value: string | undefined): Promise<void> {
      await redis.runConfirmed(SET, [keys.settings], value === undefined ? [name] : [name, value])
    },
    async probe(): Promise<void> {
      await redis.call('INCR', keys.probe)
    },
  }
}
