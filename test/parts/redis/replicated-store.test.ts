import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Store } from '../../../src/store/store.ts'
import { aCommit, aFreeze, anEvent, arrive, NOW } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { ask, type ReplicatedRedis, startReplicatedRedis } from './redis-groups.ts'
import { temporaryRedisStore } from './temporary-redis-store.ts'

let redis: ReplicatedRedis
beforeAll(async () => {
  redis = await startReplicatedRedis()
}, 60_000)
afterAll(() => redis.stop())

describe('the Redis store with a replica', () => {
  let store: Store
  let close: () => Promise<void>
  beforeEach(async () => {
    const opened = await temporaryRedisStore(redis.master.url)
    store = opened.store
    close = opened.close
  })
  afterEach(async () => {
    redis.replica.signal('SIGCONT')
    await close()
  })

  /** Repeats until it is acknowledged, as PagerDuty does. */
  async function received(id: string): Promise<unknown> {
    const deadline = Date.now() + 10_000
    for (;;) {
      const answer = await arrive(store, 'pd-Q1', anEvent(id), [id], NOW).catch((error: unknown) => {
        if (Date.now() > deadline) throw error
      })
      if (answer !== undefined) return answer
    }
  }

  it('acknowledges only what the replica has too, and goes on reading meanwhile', async () => {
    expect(await received('one')).toBe('stored')
    expect(await ask(redis.replica.port, 'dbsize')).toBe(await ask(redis.master.port, 'dbsize'))
    const lease = await leased(store)
    redis.replica.signal('SIGSTOP')
    const startedAt = performance.now()
    const writes = Promise.allSettled([
      arrive(store, 'pd-Q1', anEvent('two'), ['two'], NOW),
      store.commit(aCommit(lease)),
      store.setSetting('off', 'by U1'),
      store.addFreeze(aFreeze()),
    ])
    const reading = store.inbox('pd-Q1', 10).then(() => performance.now() - startedAt)
    const reason = {
      problem: 'unavailable',
      message: expect.stringMatching(/^No replica of Redis at .* has confirmed/),
    }
    expect(await writes).toMatchObject(Array.from({ length: 4 }, () => ({ status: 'rejected', reason })))
    expect(performance.now() - startedAt).toBeLessThan(2000)
    expect(await reading).toBeLessThan(500)
    redis.replica.signal('SIGCONT')
    await received('two')
    expect(await store.inbox('pd-Q1', 10)).toHaveLength(2)
  })

  it('stops waiting for a replica that is gone', async () => {
    await received('one')
    await redis.replica.kill()
    await received('two')
    expect(await store.inbox('pd-Q1', 10)).toHaveLength(2)
  })
})
