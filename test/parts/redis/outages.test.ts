import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createRecall } from '../../../src/pipeline/recall.ts'
import { statusReader } from '../../../src/pipeline/service-status.ts'
import type { Store } from '../../../src/store/store.ts'
import { StoreError } from '../../../src/store/store-error.ts'
import { aService } from '../../builders.ts'
import { aCommit, aDelivery, aFreeze, anEvent, arrive, NOW } from '../../contract/records.ts'
import { leased } from '../../contract/store/harness.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { answering, openStoreAt, temporaryRedisStore } from './temporary-redis-store.ts'

const LEASE = { key: 'incident:pd-Q1', owner: 'a', fence: 1, expiresAt: NOW + 30_000 }
const DUE = { key: 'incident:pd-Q1', at: NOW, ticket: 1 }

/** Every way to ask a store. */
const CALLS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  receive: (store) => arrive(store, 'pd-Q1', anEvent(), ['k'], NOW),
  inbox: (store) => store.inbox('pd-Q1', 10),
  incident: (store) => store.incident('pd-Q1'),
  incidentIds: (store) => store.incidentIds(undefined, 10),
  openVersions: (store) => store.openVersions(10),
  incidents: (store) => store.incidents({ limit: 10 }),
  commit: (store) => store.commit(aCommit(LEASE)),
  timeline: (store) => store.timeline('pd-Q1'),
  timelineEnd: (store) => store.timelineEnd('pd-Q1'),
  due: (store) => store.due(NOW, 10),
  dueItem: (store) => store.dueItem('k'),
  nextDueAt: (store) => store.nextDueAt(NOW),
  markDue: (store) => store.markDue('k', NOW),
  settle: (store) => store.settle(DUE),
  acquire: (store) => store.acquire('k', 'a', 1000, NOW),
  renew: (store) => store.renew(LEASE, 1000, NOW),
  release: (store) => store.release(LEASE),
  deliveries: (store) => store.deliveries('pd-Q1'),
  saveDelivery: (store) => store.saveDelivery(aDelivery()),
  addFreeze: (store) => store.addFreeze(aFreeze()),
  liftFreeze: (store) => store.liftFreeze('f', 'a', NOW),
  extendFreeze: (store) => store.extendFreeze('f', NOW),
  exemptDeploy: (store) => store.exemptDeploy('f', { kind: 'label', value: 'a=b', reason: 'r', by: 'a', at: NOW }),
  activeFreezes: (store) => store.activeFreezes(NOW),
  setting: (store) => store.setting('off'),
  setSetting: (store) => store.setSetting('off', 'by U1'),
  forgetKeys: (store) => store.forgetKeys(NOW),
  depth: (store) => store.depth(NOW),
  probe: (store) => store.probe(),
}

async function refusal(call: Promise<unknown>): Promise<{ readonly error: unknown; readonly tookMs: number }> {
  const startedAt = performance.now()
  const error = await call.then(
    () => 'It answered.',
    (reason: unknown) => reason,
  )
  return { error, tookMs: performance.now() - startedAt }
}

async function expectAllRefused(store: Store): Promise<void> {
  const refusals = await Promise.all(
    Object.entries(CALLS).map(async ([name, call]) => ({ name, ...(await refusal(call(store))) })),
  )
  for (const { name, error, tookMs } of refusals) {
    expect({ name, error }).toEqual({ name, error: expect.any(StoreError) })
    expect({ name, inTime: tookMs < 2000 }).toEqual({ name, inTime: true })
    expect(error).toMatchObject({
      problem: 'unavailable',
      message: expect.stringMatching(/Redis at 127\.0\.0\.1:\d+ /),
    })
  }
}

describe('the Redis store', () => {
  let redis: RealRedis
  let stores: Store[]
  beforeEach(async () => {
    redis = await startRealRedis({ config: { appendfsync: 'always' } })
    stores = []
  })
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()))
    await redis.stop()
  })
  const open = (url: string, prefix = 'outage'): Store => {
    const store = openStoreAt(url, prefix)
    stores.push(store)
    return store
  }

  it('rejects every call within 2 s while Redis hangs, and works again when it goes on', async () => {
    const store = open(redis.url)
    await answering(store)
    await arrive(store, 'pd-Q1', anEvent('before'), ['before'], NOW)
    redis.signal('SIGSTOP')
    await expectAllRefused(store)
    redis.signal('SIGCONT')
    await answering(store)
    // What was refused may have been taken in all the same: then it is there once.
    expect(['stored', 'duplicate']).toContain(await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW))
    expect(await store.inbox('pd-Q1', 10)).toHaveLength(2)
  })

  it('leaves people with what was known: how services stand is told within 2 s while Redis hangs', async () => {
    const store = open(redis.url)
    await answering(store)
    await store.commit(aCommit(await leased(store)))
    await store.addFreeze(aFreeze())
    const deps = {
      store,
      now: () => NOW,
      catalogue: () => ({ services: [aService()], byName: () => undefined, byPagerDutyId: () => undefined }),
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }
    const recall = createRecall(deps)
    const status = statusReader(deps, recall)
    await recall.look()
    const before = await status(undefined)
    expect(before).toMatchObject({ services: [{ incidents: [{ id: 'pd-Q1' }], freezes: [{ id: aFreeze().id }] }] })
    redis.signal('SIGSTOP')
    const askedAt = performance.now()
    expect(await status(undefined)).toEqual({ ...Object(before), rememberedAt: NOW })
    expect(performance.now() - askedAt).toBeLessThan(2_000)
  })

  it('rejects every call within 2 s when Redis was never reached, and works once it can be', async () => {
    await redis.kill()
    const store = open(redis.url)
    await expectAllRefused(store)
    await sleep(200)
    expect((await refusal(store.probe())).error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') })
    await redis.start()
    await answering(store)
    expect(await arrive(store, 'pd-Q1', anEvent(), ['k'], NOW)).toBe('stored')
  })

  it('rejects every call within 2 s when nothing answers at the address at all', async () => {
    const hung = await startRealRedis()
    try {
      hung.signal('SIGSTOP')
      const store = open(hung.url)
      await expectAllRefused(store)
      const { error, tookMs } = await refusal(store.probe())
      expect({ error, inTime: tookMs < 2000 }).toMatchObject({ error: { problem: 'unavailable' }, inTime: true })
    } finally {
      await hung.stop()
    }
  })

  it('loses nothing that was acknowledged when Redis is killed under load, again and again', async () => {
    const { store, reopen, close } = await temporaryRedisStore(redis.url)
    const acknowledged: string[] = []
    let stopped = false
    const producer = async (name: number): Promise<void> => {
      for (let index = 0; !stopped; index += 1) {
        const id = `${name}-${index}`
        const answer = await arrive(store, 'pd-Q1', anEvent(id), [id], NOW).catch(() => undefined)
        if (answer === undefined) await sleep(5)
        else acknowledged.push(id)
      }
    }
    const producers = Array.from({ length: 16 }, (_, name) => producer(name))
    for (let round = 0; round < 4; round += 1) {
      const before = acknowledged.length
      while (acknowledged.length < before + 200) await sleep(5)
      await redis.kill()
      await redis.start()
    }
    stopped = true
    await Promise.all(producers)
    const after = await reopen()
    const kept = (await after.inbox('pd-Q1', 1_000_000)).map(({ event }) =>
      event.type === 'clicked' ? event.requestId : '',
    )
    expect(new Set(kept).size).toBe(kept.length)
    expect(acknowledged.filter((id) => !kept.includes(id))).toEqual([])
    expect(await after.depth(NOW)).toEqual({ inbox: kept.length, due: 1 })
    await close()
  }, 60_000)

  it('does not repeat a change by itself whose answer was lost', async () => {
    const store = open(redis.url)
    await answering(store)
    const lease = await leased(store)
    redis.signal('SIGSTOP')
    const { error } = await refusal(store.commit(aCommit(lease)))
    expect(error).toBeInstanceOf(StoreError)
    redis.signal('SIGCONT')
    await answering(store)
    await sleep(500)
    expect((await store.incident('pd-Q1'))?.version ?? 0).toBeLessThanOrEqual(1)
  })
})
