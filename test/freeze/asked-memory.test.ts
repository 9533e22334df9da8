import { describe, expect, it } from '@jest/globals'
import { createAskedMemory } from '../../src/freeze/asked-memory.ts'
import { NOW } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'

/** A memory over a store that counts what is written, and that can be away. */
function aMemory() {
  const store = memoryStore()
  const writes: [string, string | undefined][] = []
  const log = aLog()
  let at = NOW
  let away = false
  const open = () =>
    createAskedMemory({
      now: () => at,
      log,
      store: {
        setting: store.setting,
        setSetting: async (name, value) => {
          if (away) throw new Error('locked')
          writes.push([name, value])
          await store.setSetting(name, value)
        },
      },
    })
  return {
    open,
    writes,
    log,
    store,
    later: (ms: number) => {
      at += ms
    },
    isAway: (is: boolean) => {
      away = is
    },
  }
}

const written = () => new Promise((resolve) => setImmediate(resolve))

describe('when a pipeline asked last', () => {
  it('is known at once, for each pipeline and service by itself', () => {
    const { open, later } = aMemory()
    const memory = open()
    expect(memory.last('ci', 'inference')).toBeUndefined()
    memory.note('ci', 'inference')
    later(5_000)
    memory.note('ci', 'checkout')
    expect(['ci', 'cd'].map((holder) => memory.last(holder, 'inference'))).toEqual([NOW, undefined])
    expect(memory.last('ci', 'checkout')).toBe(NOW + 5_000)
  })

  it('is written at most every 30 s, and what is left at the end', async () => {
    const { open, writes, later } = aMemory()
    const memory = open()
    for (let second = 0; second < 65; second++) {
      memory.note('ci', 'inference')
      await written()
      later(1_000)
    }
    const setting = 'gate-asked:ci:inference'
    expect(writes).toEqual([0, 30, 60].map((seconds) => [setting, String(NOW + seconds * 1_000)]))
    await memory.flush()
    await memory.flush()
    expect(writes.slice(3)).toEqual([[setting, String(NOW + 64_000)]])
  })

  it('survives a restart', async () => {
    const { open } = aMemory()
    const before = open()
    before.note('ci', 'inference')
    before.note('gone', 'inference')
    await before.flush()
    const after = open()
    await after.load(['ci', 'cd'], ['inference', 'checkout'])
    expect(after.last('ci', 'inference')).toBe(NOW)
    expect(after.last('cd', 'inference')).toBeUndefined()
    expect(after.last('gone', 'inference')).toBeUndefined()
  })

  it.each(['', 'yesterday', '-1', '1.5', 'Infinity', '0'])('is not known where “%s” stands on record', async (text) => {
    const { open, store } = aMemory()
    await store.setSetting('gate-asked:ci:inference', text)
    const memory = open()
    await memory.load(['ci'], ['inference'])
    expect(memory.last('ci', 'inference')).toBeUndefined()
  })

  it('that was asked while the record was read back is not overwritten by it', async () => {
    const { open, store } = aMemory()
    await store.setSetting('gate-asked:ci:inference', String(NOW - 60_000))
    const memory = open()
    memory.note('ci', 'inference')
    await memory.load(['ci'], ['inference'])
    expect(memory.last('ci', 'inference')).toBe(NOW)
  })

  it('takes over what another replica was asked later', async () => {
    const { open, later } = aMemory()
    const [one, other] = [open(), open()]
    one.note('ci', 'inference')
    later(40_000)
    other.note('ci', 'inference')
    await other.flush()
    await one.load(['ci'], ['inference'])
    expect(one.last('ci', 'inference')).toBe(NOW + 40_000)
  })

  it('is written later when the store was away', async () => {
    const { open, writes, isAway, log } = aMemory()
    const memory = open()
    isAway(true)
    memory.note('ci', 'inference')
    await memory.flush()
    expect(log.messages('warn')).toEqual(['When a pipeline asked last could not be written down'])
    isAway(false)
    memory.note('ci', 'inference')
    await written()
    expect(writes).toEqual([['gate-asked:ci:inference', String(NOW)]])
  })
})
