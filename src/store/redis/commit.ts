import type { Incident } from '../../domain/incident.ts'
import type { RecordedTimelineEntry } from '../../domain/timeline.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { decodeRecord, encodeRecord } from '../record-json.ts'
import { requireTime } from '../require-time.ts'
import type { Commit } from '../store.ts'
import { type ChainEnd, chainEntries } from '../timeline-chain.ts'
import { DUE_FUNCTIONS } from './due.ts'
import { END_GROUPS } from './groups.ts'
import type { Keys, Listing } from './keys.ts'
import { packed } from './packed-record.ts'
import { listOf, numberOf, optionalText, textOf } from './replies.ts'

const SHARED = 11

/** What a change is computed from: version, listing and service, and the last entry of the timeline. */
const BEFORE = script(`
local incident = redis.call('HMGET', KEYS[1], 'version', 'listing', 'service')
return { incident[1], incident[2], incident[3], redis.call('LINDEX', KEYS[2], -1) }`)

/**
 * KEYS: those of NAMES, then the sorted sets that the incident leaves and those in which it is listed. ARGV in the order in which it is taken. Counts
 * come before what they count. Returns 1, or 0 where version, fence or the timeline's length is not what the change was computed from.
 */
const COMMIT = script(`
local due, tickets, counter, inbox_size, incident, lease, inbox, timeline =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local leader, leads_until, led = KEYS[9], KEYS[10], KEYS[11]${DUE_FUNCTIONS}${END_GROUPS}
local at = 0
local function take()
  at = at + 1
  return ARGV[at]
end
if (redis.call('HGET', incident, 'version') or '0') ~= take() then return 0 end
if (redis.call('HGET', lease, 'fence') or '0') ~= take() then return 0 end
if redis.call('LLEN', timeline) ~= tonumber(take()) then return 0 end

local id = take()
local opened_at = take()
for _, field in ipairs({ 'version', 'record', 'listing' }) do redis.call('HSET', incident, field, take()) end
local service = take()
if service == '' then redis.call('HDEL', incident, 'service') else redis.call('HSET', incident, 'service', service) end
local left = tonumber(take())
for index = ${SHARED + 2}, ${SHARED + 1} + left do redis.call('ZREM', KEYS[index], id) end
redis.call('ZADD', KEYS[${SHARED + 1}], 0, id)
for index = ${SHARED + 2} + left, #KEYS do redis.call('ZADD', KEYS[index], opened_at, id) end

for _ = 1, tonumber(take()) do redis.call('RPUSH', timeline, take()) end

local consumed_up_to, consumed = tonumber(take()), 0
local oldest = redis.call('LINDEX', inbox, 0)
while oldest and tonumber(string.match(oldest, '^%d+')) <= consumed_up_to do
  redis.call('LPOP', inbox)
  consumed = consumed + 1
  oldest = redis.call('LINDEX', inbox, 0)
end
if consumed > 0 then redis.call('DECRBY', inbox_size, consumed) end

for _ = 1, tonumber(take()) do
  local key = take()
  settle(key, take())
end
for _ = 1, tonumber(take()) do
  local key = take()
  mark(key, take())
end
if take() == '1' and redis.call('EXISTS', inbox) == 0 then end_groups(id) end
return 1`)

/** Changes incidents. */
export function committer(redis: RedisConnection, keys: Keys) {
  return async (change: Commit): Promise<'committed' | 'conflict'> => {
    const { incident, expectedVersion, lease } = change
    const record = packed(encodeRecord(change.incident))
    const timeline = keys.timeline(incident.id)
    const before = await redis.run(BEFORE, [keys.incident(incident.id), timeline], [])
    const [version, listing, service, last] = listOf(before)
    // Computing goes on from the version that was read, and the script makes sure that it is still that one.
    if (numberOf(version ?? 0) !== expectedVersion) return 'conflict'
    const end = endOf(optionalText(last))
    const entries = chainEntries(end, change.timeline)
    const shared = [
      keys.due,
      keys.tickets,
      keys.counter,
      keys.inboxSize,
      keys.incident(incident.id),
      keys.lease(lease.key),
      keys.inbox(incident.id),
      timeline,
      keys.leader,
      keys.leadsUntil,
      keys.led(incident.id),
    ]
    const leaves = listings(keys, optionalText(listing), optionalText(service))
    const joins = listings(keys, listingOf(incident), incident.service)
    const answer = await redis.runConfirmed(
      COMMIT,
      [...shared, keys.incidentIds, ...leaves, ...joins],
      [
        expectedVersion,
        lease.fence,
        end?.sequence ?? 0,
        incident.id,
        requireTime(incident.openedAt),
        expectedVersion + 1,
        record,
        listingOf(incident),
        incident.service ?? '',
        leaves.length,
        entries.length,
        ...entries.map(encodeRecord),
        change.consumedUpTo,
        ...(change.settles ? [1, change.settles.key, change.settles.ticket] : [0]),
        change.due.length,
        ...change.due.flatMap(({ key, at }) => [key, requireTime(at)]),
        change.endsGroup ? 1 : 0,
      ],
    )
    return textOf(answer) === '1' ? 'committed' : 'conflict'
  }
}

function endOf(entry: string | undefined): ChainEnd | undefined {
  return entry === undefined ? undefined : decodeRecord<RecordedTimelineEntry>(entry)
}

export function listingOf({ status }: Incident): Listing {
  return status === 'resolved' ? 'resolved' : 'open'
}

/** The sorted sets that an incident of this listing and service is in. */
export function listings(keys: Keys, listing: string | undefined, service: string | undefined): readonly string[] {
  if (listing !== 'open' && listing !== 'resolved') return []
  const ofAll = keys.listed(listing, undefined)
  return service === undefined ? [ofAll] : [ofAll, keys.listed(listing, service)]
}
