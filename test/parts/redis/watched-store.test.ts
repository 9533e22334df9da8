import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Store } from '../../../src/store/store.ts'
import { verifyTimeline } from '../../../src/store/timeline-chain.ts'
import { aCommit, anEntry, anEvent, anIncident, arrive, NOW } from '../../contract/records.ts'
import { durableStoreContract } from '../../contract/store/restart.ts'
import { storeContract } from '../../contract/store-contract.ts'
import { startWatchedRedis, type WatchedRedis } from './redis-groups.ts'
import { temporaryRedisStore } from './temporary-redis-store.ts'

let redis: WatchedRedis
beforeAll(async () => {
  redis = await startWatchedRedis()
}, 60_000)
afterAll(() => redis.stop())

const open = () => temporaryRedisStore(redis.url)
storeContract('the Redis store behind Sentinels', open)
durableStoreContract('the Redis store behind Sentinels', open)

/** Version and timeline of this incident move together. Returns the last version that was committed. */
async function work(store: Store, stopped: () => boolean): Promise<number> {
  let committed = 0
  while (!stopped()) {
    try {
      const lease = await store.acquire('incident:worked-on', 'worker', 60_000, NOW)
      const expectedVersion = (await store.incident('worked-on'))?.version ?? 0
      if (lease === undefined) throw new Error('The lease went to somebody who is not there.')
      const incident = anIncident({ id: 'worked-on', title: `version ${expectedVersion + 1}` })
      const timeline = [anEntry(incident.title)]
      if ((await store.commit(aCommit(lease, { incident, expectedVersion, timeline }))) === 'committed')
        committed = expectedVersion + 1
    } catch {
      await sleep(20)
    }
  }
  return committed
}

describe('the Redis store over a failover', () => {
  it('loses nothing that was acknowledged when the master dies under load', async () => {
    const { store, close } = await temporaryRedisStore(redis.url)
    const acknowledged: string[] = []
    let longestGapMs = 0
    let stopped = false
    const producer = async (name: number): Promise<void> => {
      let at = performance.now()
      for (let index = 0; !stopped; index += 1) {
        const id = `${name}-${index}`
        const answer = await arrive(store, 'pd-Q1', anEvent(id), [id], NOW).catch(() => undefined)
        if (answer === undefined) await sleep(20)
        else {
          acknowledged.push(id)
          longestGapMs = Math.max(longestGapMs, performance.now() - at)
          at = performance.now()
        }
      }
    }
    const producers = Array.from({ length: 8 }, (_, name) => producer(name))
    const worked = work(store, () => stopped)
    while (acknowledged.length < 500) await sleep(10)
    await redis.master.kill()
    while ((await redis.masterPort()) !== redis.replica.port) await sleep(50)
    const before = acknowledged.length
    while (acknowledged.length < before + 500) await sleep(10)
    stopped = true
    await Promise.all(producers)
    const committed = await worked

    const kept = (await store.inbox('pd-Q1', 1_000_000)).map(({ event }) =>
      event.type === 'clicked' ? event.requestId : '',
    )
    expect(new Set(kept).size).toBe(kept.length)
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([])
    const version = (await store.incident('worked-on'))?.version ?? 0
    expect(version).toBeGreaterThanOrEqual(committed)
    expect(committed).toBeGreaterThan(0)
    const timeline = await store.timeline('worked-on')
    expect(timeline).toHaveLength(version)
    expect(verifyTimeline(timeline)).toEqual({ ok: true })
    expect(longestGapMs).toBeLessThan(20_000)
    await close()
  }, 60_000)
})
