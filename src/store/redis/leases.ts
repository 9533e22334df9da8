import type { RedisConnection } from '../../redis/connection.ts'
import { script } from '../../redis/script.ts'
import { requireTime } from '../require-time.ts'
import type { Lease } from '../store.ts'
import type { Keys } from './keys.ts'
import { numberOf, optionalText, textOf } from './replies.ts'

const ACQUIRE = script(`
local held = redis.call('HMGET', KEYS[1], 'owner', 'expiresAt')
if held[1] and held[1] ~= ARGV[1] and tonumber(held[2]) > tonumber(ARGV[3]) then return false end
local fence = string.format('%.0f', redis.call('INCR', KEYS[2]))
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'expiresAt', ARGV[2], 'fence', fence)
return fence`)

const RENEW = script(`
local held = redis.call('HMGET', KEYS[1], 'owner', 'expiresAt', 'fence')
if held[3] ~= ARGV[1] or tonumber(held[2]) <= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[1], 'expiresAt', ARGV[2])
return 1`)

const RELEASE = script(`
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`)

/**
 * Leases and their fences, which are counted for all keys together, so that nothing of a released lease need be kept. No replica need confirm one: a
 * lease that a failover loses lets two work on one record, of which the record's version then lets one through.
 */
export function leases(redis: RedisConnection, keys: Keys) {
  return {
    async acquire(key: string, owner: string, ttlMs: number, now: number): Promise<Lease | undefined> {
      const expiresAt = requireTime(now + ttlMs)
      const fence = optionalText(await redis.run(ACQUIRE, [keys.lease(key), keys.fences], [owner, expiresAt, now]))
      return fence === undefined ? undefined : { key, owner, fence: numberOf(fence), expiresAt }
    },
    async renew(lease: Lease, ttlMs: number, now: number): Promise<Lease | undefined> {
      const expiresAt = requireTime(now + ttlMs)
      const renewed = await redis.run(RENEW, [keys.lease(lease.key)], [lease.fence, expiresAt, now])
      return textOf(renewed) === '1' ? { ...lease, expiresAt } : undefined
    },
    async release({ key, fence }: Lease): Promise<void> {
      await redis.run(RELEASE, [keys.lease(key)], [fence])
    },
  }
}
