import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { guardedWriter } from '../../src/pipeline/guarded-writer.ts'
import { whileHeld } from '../../src/pipeline/hold.ts'
import type { Hold } from '../../src/pipeline/ports.ts'
import type { ClusterWriter } from '../../src/remediations/cluster.ts'
import type { Store } from '../../src/store/store.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const TTL_MS = 15_000

describe('what is done under a lease', () => {
  let store: Store
  let end: () => void
  let hold: Hold
  let held: Promise<void>
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 })
    store = memoryStore()
  })
  afterEach(async () => {
    end()
    await held
    jest.useRealTimers()
  })

  async function begin(renew: Store['renew'] = store.renew): Promise<void> {
    const lease = await store.acquire('job', 'a', TTL_MS, Date.now())
    if (lease === undefined) throw new Error('It is free.')
    const deps = { store: { ...store, renew }, now: Date.now, log: aLog() }
    await new Promise<void>((begun) => {
      held = whileHeld(deps, lease, TTL_MS, new AbortController(), async (given) => {
        hold = given
        await new Promise<void>((resolve) => {
          end = resolve
          begun()
        })
      })
    })
  }

  it('keeps its lease for as long as it takes, and gives it back', async () => {
    await begin()
    await jest.advanceTimersByTimeAsync(120_000)
    expect([hold.isHeld(), hold.signal.aborted]).toEqual([true, false])
    expect(await store.acquire('job', 'b', TTL_MS, Date.now())).toBeUndefined()
    end()
    await held
    expect(await store.acquire('job', 'b', TTL_MS, Date.now())).toBeDefined()
  })

  it('no longer counts as held once its time is over, before any timer has said so', async () => {
    await begin()
    // As after a SIGSTOP: time has passed, and no callback has run yet.
    jest.setSystemTime(Date.now() + TTL_MS)
    expect([hold.isHeld(), hold.signal.aborted]).toEqual([false, false])
    await jest.advanceTimersByTimeAsync(TTL_MS / 3)
    expect(hold.signal.aborted).toBe(true)
  })

  it('is told to end when another has it', async () => {
    await begin()
    jest.setSystemTime(Date.now() + TTL_MS)
    expect(await store.acquire('job', 'b', TTL_MS, Date.now())).toBeDefined()
    await jest.advanceTimersByTimeAsync(TTL_MS / 3)
    expect([hold.isHeld(), hold.signal.aborted]).toEqual([false, true])
    end()
    await held
    // What was lost is not given back in the name of who has it now.
    expect(await store.acquire('job', 'c', TTL_MS, Date.now())).toBeUndefined()
  })

  it('is told to end when the store is away for too long, and not before', async () => {
    await begin(() => Promise.reject(new Error('out of reach')))
    await jest.advanceTimersByTimeAsync(10_000)
    expect([hold.isHeld(), hold.signal.aborted]).toEqual([true, false])
    await jest.advanceTimersByTimeAsync(5_000)
    expect([hold.isHeld(), hold.signal.aborted]).toEqual([false, true])
  })
})

describe('a cluster under a lease', () => {
  const CHANGES = ['restart', 'pause', 'rollBack', 'scale', 'setMinimum', 'evict'] as const
  const calls: string[] = []
  const writer = new Proxy({} as ClusterWriter, {
    ownKeys: () => [...CHANGES, 'target', 'tryRestart'],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_target, name) => async () => void calls.push(String(name)),
  })
  const call = (guarded: ClusterWriter, name: string): Promise<unknown> =>
    (guarded as unknown as Record<string, () => Promise<unknown>>)[name]?.() ?? Promise.reject(new Error(name))
  beforeEach(() => {
    calls.length = 0
  })

  it.each(CHANGES)('is not changed by %s once the lease is over, and says that nothing was', async (change) => {
    let isHeld = true
    const guarded = guardedWriter(writer, { isHeld: () => isHeld })
    await call(guarded, change)
    expect(calls).toEqual([change])
    isHeld = false
    await expect(call(guarded, change)).rejects.toMatchObject({ name: 'RemediationError', effect: 'none' })
    expect(calls).toEqual([change])
  })

  it('may be looked at all the same', async () => {
    const guarded = guardedWriter(writer, { isHeld: () => false })
    await call(guarded, 'target')
    expect(calls).toEqual(['target'])
  })
})
