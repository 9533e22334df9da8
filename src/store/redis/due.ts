import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { requireTime } from '../require-time.ts'
import type { DueItem } from '../store.ts'
import type { Keys } from './keys.ts'
import { numberOf, optionalText, pairsOf, textsOf } from './replies.ts'

/**
 * Lua for every script that marks or settles; it expects `due`, `tickets` and `counter` to hold those keys. Of two times the earlier stays. Numbers are
 * written out: Lua's own way of turning one into text rounds it.
 */
export const DUE_FUNCTIONS = `
local function next_number() return string.format('%.0f', redis.call('INCR', counter)) end
local function mark(key, at)
  redis.call('ZADD', due, 'LT', at, key)
  redis.call('HSET', tickets, key, next_number())
end
local function settle(key, ticket)
  if redis.call('HGET', tickets, key) == ticket then
    redis.call('ZREM', due, key)
    redis.call('HDEL', tickets, key)
  end
end`

const NAMES = `local due, tickets, counter = KEYS[1], KEYS[2], KEYS[3]${DUE_FUNCTIONS}`

const MARK = script(`${NAMES}
mark(ARGV[1], ARGV[2])`)

const SETTLE = script(`${NAMES}
settle(ARGV[1], ARGV[2])`)

const ONE = script(`return { redis.call('ZSCORE', KEYS[1], ARGV[1]), redis.call('HGET', KEYS[2], ARGV[1]) }`)

/** Items up to a moment, in pieces of keys that Lua can pass on at once. Returns key, time and ticket of each in turn. */
const LIST = script(`
local found = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
local items = {}
for index = 1, #found, 2 do
  items[#items + 1] = found[index]
  items[#items + 1] = found[index + 1]
  items[#items + 1] = redis.call('HGET', KEYS[2], found[index])
end
return items`)

/** The due set. */
export function dueSet(redis: RedisConnection, keys: Keys) {
  const { due, tickets, counter } = keys
  const all = [due, tickets, counter]
  return {
    async list(now: number, limit: number): Promise<readonly DueItem[]> {
      const flat = textsOf(await redis.run(LIST, [due, tickets], [now, limit]))
      const items: DueItem[] = []
      for (let index = 0; index < flat.length; index += 3) {
        const [key = '', at, ticket] = flat.slice(index, index + 3)
        items.push({ key, at: numberOf(at), ticket: numberOf(ticket) })
      }
      return items
    },
    async one(key: string): Promise<DueItem | undefined> {
      const [at, ticket] = (await redis.run(ONE, [due, tickets], [key])) as readonly unknown[] // what ONE returns
      return optionalText(ticket) === undefined ? undefined : { key, at: numberOf(at), ticket: numberOf(ticket) }
    },
    async nextAt(now: number): Promise<number | undefined> {
      const reply = await redis.call('ZRANGE', due, `(${now}`, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
      const [first] = pairsOf(reply)
      return first && numberOf(first[1])
    },
    async mark(key: string, at: number): Promise<void> {
      await redis.runConfirmed(MARK, all, [key, requireTime(at)])
    },
    /** Whatever is settled twice, or comes back in a failover, is looked at once more: no replica need confirm it. */
    async settle({ key, ticket }: DueItem): Promise<void> {
      await redis.run(SETTLE, all, [key, ticket])
    },
    count: async (now: number): Promise<number> => numberOf(await redis.call('ZCOUNT', due, '-inf', now)),
  }
}
