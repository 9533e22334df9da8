import type { InboxEntry, IncidentEvent } from '../../domain/event.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { decodeRecord } from '../record-json.ts'
import { requireTime } from '../require-time.ts'
import type { Arrival, Receipt } from '../store.ts'
import { DUE_FUNCTIONS } from './due.ts'
import { forgetGroups, GROUP_FUNCTIONS } from './groups.ts'
import type { Keys } from './keys.ts'
import { numberOf, textOf, textsOf } from './replies.ts'

/** One event that comes in, with its text as JSON. */
export interface Incoming {
  readonly arrival: Arrival
  readonly text: string
  readonly now: number
}

/**
 * Takes several events in, each for itself: of one turn of the event loop, in the order in which they came. ARGV: what stands before an incident's id in
 * its keys; then for each its incident, time, event, group and the end of that (both empty for none), and how many keys follow, those that are remembered
 * and those that are taken back. Returns for each 1 when it was stored and 0 for a duplicate, and whose inbox it belongs into.
 */
const RECEIVE = script(`
local due, tickets, counter, seen, inbox_size = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local joined, joined_at, leader, leads_until = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local inbox_prefix, incident_prefix, led_prefix = ARGV[1], ARGV[2], ARGV[3]${DUE_FUNCTIONS}${GROUP_FUNCTIONS}
local at = 3
local function take()
  at = at + 1
  return ARGV[at]
end
local function take_list()
  local list = {}
  for index = 1, tonumber(take()) do list[index] = take() end
  return list
end
local function was_seen(names)
  for _, name in ipairs(names) do
    if redis.call('ZSCORE', seen, name) then return true end
  end
  return false
end
local function receive()
  local id, now, event, group, ends_at = take(), take(), take(), take(), take()
  local remembered, taken_back = take_list(), take_list()
  local home = home_of(id)
  if was_seen(remembered) then return 0, home end
  if ends_at ~= '' and home == id then home = enter(id, group, ends_at, now) end
  for _, name in ipairs(remembered) do redis.call('ZADD', seen, 'NX', now, name) end
  for _, name in ipairs(taken_back) do redis.call('ZREM', seen, name) end
  redis.call('RPUSH', inbox_prefix .. home, next_number() .. '|' .. now .. '|' .. event)
  redis.call('INCR', inbox_size)
  mark('incident:' .. home, now)
  return 1, home
end
local answers = {}
while at < #ARGV do
  local stored, home = receive()
  answers[#answers + 1] = stored
  answers[#answers + 1] = home
end
return answers`)

/** The oldest keys, a number of them at most, so that Redis is not kept from its other work. Returns how many were forgotten. */
const FORGET = script(`
local count = math.min(redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1]), tonumber(ARGV[2]))
if count > 0 then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, count - 1) end
return count`)
const FORGET_AT_ONCE = 5_000

/** Deduplication keys and inboxes. */
export function intake(redis: RedisConnection, keys: Keys) {
  const { due, tickets, counter, seen, inboxSize, joined, joinedAt, leader, leadsUntil } = keys
  const all = [due, tickets, counter, seen, inboxSize, joined, joinedAt, leader, leadsUntil]
  const prefixes = [keys.inbox(''), keys.incident(''), keys.led('')]
  return {
    /** All or nothing reaches Redis; a rejection is one for all of them. */
    async receive(incoming: readonly Incoming[]): Promise<readonly Receipt[]> {
      const answers = textsOf(await redis.runConfirmed(RECEIVE, all, [...prefixes, ...incoming.flatMap(told)]))
      return incoming.map((_, index) => ({
        outcome: answers[2 * index] === '1' ? 'stored' : 'duplicate',
        incidentId: textOf(answers[2 * index + 1]),
      }))
    },
    async read(incidentId: string, limit: number): Promise<readonly InboxEntry[]> {
      if (limit < 1) return []
      return textsOf(await redis.call('LRANGE', keys.inbox(incidentId), 0, limit - 1)).map(readEntry)
    },
    async forget(before: number): Promise<number> {
      await forgetGroups(redis, keys, before)
      let forgotten = 0
      for (;;) {
        const count = numberOf(await redis.run(FORGET, [keys.seen], [requireTime(before), FORGET_AT_ONCE]))
        forgotten += count
        if (count < FORGET_AT_ONCE) return forgotten
      }
    },
    count: async (): Promise<number> => Number((await redis.call('GET', keys.inboxSize)) ?? 0),
  }
}

function told({ arrival, text, now }: Incoming): readonly (string | number)[] {
  const { incidentId, dedupKeys, frees = [], group } = arrival
  const grouped = group === undefined ? ['', ''] : [group.key, group.until]
  return [incidentId, now, text, ...grouped, dedupKeys.length, ...dedupKeys, frees.length, ...frees]
}

function readEntry(text: string): InboxEntry {
  const first = text.indexOf('|')
  const second = text.indexOf('|', first + 1)
  return {
    sequence: Number(text.slice(0, first)),
    receivedAt: Number(text.slice(first + 1, second)),
    event: decodeRecord<IncidentEvent>(text.slice(second + 1)),
  }
}
