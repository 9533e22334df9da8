import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { type Sweep, startSweep } from '../../src/jobs/sweep.ts'
import type { Store } from '../../src/store/store.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const INTERVAL_MS = 10_000

describe('the sweep', () => {
  let store: Store
  let calls: string[]
  let errors: unknown[]
  let sweep: Sweep | undefined
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 })
    store = memoryStore()
    calls = []
    errors = []
  })
  afterEach(() => {
    sweep?.stop()
    jest.useRealTimers()
  })

  const jobs: Jobs = {
    wake: (key) => void calls.push(`wake ${key}`),
    wakeAt: (key, at) => void calls.push(`wake ${key} in ${at - Date.now()}`),
    start: () => undefined,
    stop: async () => undefined,
    depth: async () => 0,
  }
  const begin = (swept: Store = store, isPlanned?: (key: string) => boolean) => {
    sweep = startSweep({
      store: swept,
      ...(isPlanned && { isPlanned }),
      jobs,
      intervalMs: INTERVAL_MS,
      now: Date.now,
      onError: (error) => errors.push(error),
    })
  }
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

  it('wakes at the start what is due, and sets an alarm for what falls due before the next sweep', async () => {
    await store.markDue('overdue', Date.now() - 5)
    await store.markDue('now', Date.now())
    await store.markDue('soon', Date.now() + 3000)
    await store.markDue('later', Date.now() + 2 * INTERVAL_MS)
    begin()
    await pass(0)
    expect(calls).toEqual(['wake overdue', 'wake now', 'wake soon in 3000'])
  })

  it('finds at the next interval what nobody announced', async () => {
    begin()
    await pass(1)
    await store.markDue('silent', Date.now())
    await pass(INTERVAL_MS)
    expect(calls).toEqual(['wake silent'])
    await pass(INTERVAL_MS)
    expect(calls).toEqual(['wake silent', 'wake silent'])
  })

  it('wakes all that is due, not only the longest overdue', async () => {
    for (let index = 0; index < 5000; index += 1) await store.markDue(`incident:${index}`, Date.now() - 1)
    begin()
    await pass(0)
    expect(new Set(calls).size).toBe(5000)
  })

  it('leaves alone what is about to be handled anyway, until it no longer is', async () => {
    let planned = true
    await store.markDue('busy', Date.now())
    await store.markDue('lost', Date.now())
    begin(store, (key) => planned && key === 'busy')
    await pass(0)
    expect(calls).toEqual(['wake lost'])
    planned = false
    await pass(INTERVAL_MS)
    expect(calls).toEqual(['wake lost', 'wake busy', 'wake lost'])
  })

  it('reports a store that does not answer, and goes on', async () => {
    let away = true
    begin({
      ...store,
      due: (now, limit) => (away ? Promise.reject(new Error('away')) : store.due(now, limit)),
    })
    await store.markDue('a', Date.now())
    await pass(0)
    expect(errors).toEqual([expect.objectContaining({ message: 'away' })])
    away = false
    await pass(INTERVAL_MS)
    expect(calls).toEqual(['wake a'])
  })

  it('wakes nothing after it was stopped, also when it was just reading', async () => {
    await store.markDue('a', Date.now())
    begin()
    sweep?.stop()
    await pass(3 * INTERVAL_MS)
    expect(calls).toEqual([])
    expect(jest.getTimerCount()).toBe(0)
  })
})
