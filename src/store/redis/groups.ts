import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { requireTime } from '../require-time.ts'
import type { Keys } from './keys.ts'
import { numberOf, textsOf } from './replies.ts'

/**
 * Lua for scripts that take arrivals in; it expects `joined`, `joined_at`, `leader` and `leads_until` to hold those keys, and `led_prefix`, `inbox_prefix`
 * and `incident_prefix` what stands before an incident's id in a key.
 */
export const GROUP_FUNCTIONS = `
local function home_of(id) return redis.call('HGET', joined, id) or id end
local function is_known(id)
  return redis.call('EXISTS', incident_prefix .. id, inbox_prefix .. id) > 0
end
local function enter(id, group, ends_at, now)
  local leading = redis.call('HGET', leader, group)
  if not leading or tonumber(redis.call('ZSCORE', leads_until, group)) <= tonumber(now) then
    redis.call('HSET', leader, group, id)
    redis.call('ZADD', leads_until, ends_at, group)
    redis.call('SADD', led_prefix .. id, group)
    return id
  end
  if leading == id or is_known(id) then return id end
  redis.call('HSET', joined, id, leading)
  redis.call('ZADD', joined_at, now, id)
  return leading
end`

/** Lua for the script that changes an incident; it expects `leader`, `leads_until` and `led` (the incident's own) to hold those keys. */
export const END_GROUPS = `
local function end_groups(id)
  for _, group in ipairs(redis.call('SMEMBERS', led)) do
    if redis.call('HGET', leader, group) == id then
      redis.call('HDEL', leader, group)
      redis.call('ZREM', leads_until, group)
    end
  end
  redis.call('DEL', led)
end`

/** Groups that are led no longer, a number of them at most. Returns how many. */
const FORGET_LEADERS = script(`
local groups = redis.call('ZRANGE', KEYS[1], '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, group in ipairs(groups) do
  local id = redis.call('HGET', KEYS[2], group)
  redis.call('ZREM', KEYS[1], group)
  redis.call('HDEL', KEYS[2], group)
  if id then redis.call('SREM', ARGV[3] .. id, group) end
end
return #groups`)

/** What joined an incident that is resolved now, of a number that joined before some time, the first ARGV[2] of them left out. Returns how many were looked at and how many went. */
const FORGET_JOINED = script(`
local ids = redis.call('ZRANGE', KEYS[1], '-inf', '(' .. ARGV[1], 'BYSCORE', 'LIMIT', ARGV[2], ARGV[3])
local gone = 0
for _, id in ipairs(ids) do
  local home = redis.call('HGET', KEYS[2], id)
  if not home or redis.call('HGET', ARGV[4] .. home, 'listing') == 'resolved' then
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
    gone = gone + 1
  end
end
return { #ids, gone }`)

/** So that Redis is not kept from its other work. */
const AT_ONCE = 1_000

/** Forgets who led a group until before this time, and who joined before it what is resolved by now. */
export async function forgetGroups(redis: RedisConnection, keys: Keys, before: number): Promise<void> {
  const moment = requireTime(before)
  for (;;) {
    const count = numberOf(
      await redis.run(FORGET_LEADERS, [keys.leadsUntil, keys.leader], [moment, AT_ONCE, keys.led('')]),
    )
    if (count < AT_ONCE) break
  }
  let kept = 0
  for (;;) {
    const answer = await redis.run(
      FORGET_JOINED,
      [keys.joinedAt, keys.joined],
      [moment, kept, AT_ONCE, keys.incident('')],
    )
    const [seen, gone] = textsOf(answer).map(Number)
    if (seen === undefined || gone === undefined || seen < AT_ONCE) return
    kept += seen - gone
  }
}
