import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { type Database, openDatabase } from '../../../src/store/sqlite/database.ts'
import { type Leases, openLeases } from '../../../src/store/sqlite/leases.ts'
import { migrate } from '../../../src/store/sqlite/schema.ts'
import type { Lease } from '../../../src/store/store.ts'
import { NOW } from '../../contract/records.ts'

const TTL_MS = 30_000
const HOUR_MS = 3_600_000

let database: Database
let leases: Leases
beforeEach(() => {
  database = openDatabase(':memory:', 0)
  migrate(database, ':memory:')
  leases = openLeases(database)
})
afterEach(() => database.abandon())

function taken(key: string, now: number): Lease {
  const lease = leases.acquire(key, 'a', TTL_MS, now)
  if (lease === undefined) throw new Error(`${key} is held by somebody else`)
  return lease
}

it('a lease that was left to expire is forgotten an hour after its end, and its next fence is larger all the same', () => {
  const old = taken('old', NOW)
  taken('other', old.expiresAt + HOUR_MS - 1)
  expect(leases.newestFence('old')).toBe(old.fence)
  const last = taken('other', old.expiresAt + HOUR_MS)
  expect(leases.newestFence('old')).toBe(0)
  expect(taken('old', old.expiresAt + HOUR_MS).fence).toBeGreaterThan(last.fence)
})

it('a lease that was released is forgotten at once, and its next fence is larger all the same', () => {
  const old = taken('old', NOW)
  leases.release(old)
  expect(leases.newestFence('old')).toBe(0)
  expect(taken('old', NOW).fence).toBeGreaterThan(old.fence)
})

it('a lease that is kept renewed is held, however much is forgotten before and after it', () => {
  let kept = taken('kept', NOW)
  for (let now = NOW; now < NOW + 3 * HOUR_MS; now += TTL_MS / 2) {
    kept = leases.renew(kept, TTL_MS, now) ?? kept
    taken(`short ${now}`, now)
  }
  expect(leases.newestFence(`short ${NOW}`)).toBe(0)
  expect(leases.newestFence('kept')).toBe(kept.fence)
  expect(leases.acquire('kept', 'b', TTL_MS, kept.expiresAt - 1)).toBeUndefined()
})
