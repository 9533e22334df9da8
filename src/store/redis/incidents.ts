import type { Incident } from '../../domain/incident.ts'
import type { RecordedTimelineEntry } from '../../domain/timeline.ts'
import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { decodeRecord } from '../record-json.ts'
import type { IncidentQuery, Versioned } from '../store.ts'
import type { ChainEnd } from '../timeline-chain.ts'
import type { Keys, Listing } from './keys.ts'
import { unpacked } from './packed-record.ts'
import { listOf, numberOf, optionalText, pairsOf, textsOf } from './replies.ts'

/** Records behind sorted sets of ids, the newest of all first. ARGV: how many, and what stands before an id in a record's key. */
const LIST = script(`
local found = {}
for _, key in ipairs(KEYS) do
  local ids = redis.call('ZRANGE', key, '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[1], 'WITHSCORES')
  for index = 1, #ids, 2 do found[#found + 1] = { id = ids[index], at = tonumber(ids[index + 1]) } end
end
table.sort(found, function(left, right)
  if left.at == right.at then return left.id > right.id end
  return left.at > right.at
end)
local records = {}
for index = 1, math.min(#found, tonumber(ARGV[1])) do
  records[index] = redis.call('HGET', ARGV[2] .. found[index].id, 'record')
end
return records`)

/** Ids behind a sorted set, the newest first, each with its record's version. ARGV: as above. */
const VERSIONS = script(`
local versions = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, ARGV[1])) do
  versions[#versions + 1] = id
  versions[#versions + 1] = redis.call('HGET', ARGV[2] .. id, 'version')
end
return versions`)

/** Incidents and their timelines, as they are read; what changes them is `commit.ts`. */
export function incidentReader(redis: RedisConnection, keys: Keys) {
  return {
    async read(id: string): Promise<Versioned<Incident> | undefined> {
      const [version, record] = listOf(await redis.call('HMGET', keys.incident(id), 'version', 'record'))
      const text = optionalText(record)
      return text === undefined
        ? undefined
        : { value: decodeRecord<Incident>(unpacked(text)), version: numberOf(version) }
    },
    ids: async (after: string | undefined, limit: number): Promise<readonly string[]> =>
      textsOf(
        await redis.call(
          'ZRANGE',
          keys.incidentIds,
          after === undefined ? '-' : `(${after}`,
          '+',
          'BYLEX',
          'LIMIT',
          0,
          limit,
        ),
      ),
    async openVersions(limit: number): Promise<readonly { readonly id: string; readonly version: number }[]> {
      const versions = await redis.run(VERSIONS, [keys.listed('open', undefined)], [limit, keys.incident('')])
      return pairsOf(versions).map(([id, version]) => ({ id, version: numberOf(version) }))
    },
    async list({ service, open, limit }: IncidentQuery): Promise<readonly Incident[]> {
      const listings: readonly Listing[] = open === undefined ? ['open', 'resolved'] : [open ? 'open' : 'resolved']
      const sets = listings.map((listing) => keys.listed(listing, service))
      const records = await redis.run(LIST, sets, [limit, keys.incident('')])
      return textsOf(records).map((record) => decodeRecord<Incident>(unpacked(record)))
    },
    timeline: async (incidentId: string): Promise<readonly RecordedTimelineEntry[]> =>
      textsOf(await redis.call('LRANGE', keys.timeline(incidentId), 0, -1)).map((entry) =>
        decodeRecord<RecordedTimelineEntry>(entry),
      ),
    async timelineEnd(incidentId: string): Promise<ChainEnd | undefined> {
      const entry = optionalText(await redis.call('LINDEX', keys.timeline(incidentId), -1))
      if (entry === undefined) return undefined
      const { sequence, hash } = decodeRecord<RecordedTimelineEntry>(entry)
      return { sequence, hash }
    },
  }
}
