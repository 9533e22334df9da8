import { afterEach, describe, expect, it } from '@jest/globals'
import type { Freeze } from '../../src/domain/freeze.ts'
import { createFreezeMemory } from '../../src/freeze/freeze-memory.ts'
import type { Server } from '../../src/http/server.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { aGateServer, TOKEN } from './gate-server.ts'

let server: Server | undefined
afterEach(() => server?.stop(0))

const MINUTE = 60_000

/** A gate over a store that goes away when it is told to, a minute into the freeze. */
async function aGate() {
  let at = NOW + MINUTE
  let trouble: 'none' | 'fails' | 'hangs' = 'none'
  const store = memoryStore()
  const reading = {
    activeFreezes: async (now: number) => {
      if (trouble === 'fails') throw new Error('locked')
      return trouble === 'hangs' ? new Promise<never>(() => undefined) : store.activeFreezes(now)
    },
  }
  const gate = await aGateServer({ reading, now: () => at, answerWithinMs: 50 })
  server = gate.server
  const ask = async (service = 'inference') => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    const response = await fetch(`${gate.url}/v1/freezes/${service}`, { headers })
    const body: unknown = await response.json()
    return { status: response.status, body }
  }
  return {
    ...gate,
    store,
    ask,
    later: (ms: number) => {
      at += ms
    },
    lose: (how: typeof trouble) => {
      trouble = how
    },
    refresh: () => gate.freezes.activeFreezes(at),
  }
}

const iso = (ms: number) => new Date(ms).toISOString()

describe('while the store is away, the gate', () => {
  it.each(['fails', 'hangs'] as const)('answers from memory when it %s, and says as of when', async (how) => {
    const { ask, store, lose, later, log } = await aGate()
    await store.addFreeze(aFreeze())
    await ask()
    lose(how)
    later(4 * MINUTE)
    const before = performance.now()
    expect(await ask()).toMatchObject({
      status: 423,
      body: { frozen: true, stale: true, asOf: iso(NOW + MINUTE), message: expect.stringContaining('frozen') },
    })
    expect(performance.now() - before).toBeLessThan(1_000)
    expect(await ask('checkout')).toEqual({
      status: 200,
      body: { service: 'checkout', frozen: false, stale: true, asOf: iso(NOW + MINUTE) },
    })
    expect(log.messages('warn')).toContain('Deploy gate answers from memory: the store did not answer')
  })

  it('answers to the end of the time that is allowed, and not beyond', async () => {
    const { ask, lose, later } = await aGate()
    await ask()
    lose('fails')
    later(5 * MINUTE)
    expect((await ask()).status).toBe(200)
    later(1)
    expect((await ask()).status).toBe(503)
  })

  it('does not hold a deploy for a freeze that ended meanwhile', async () => {
    const { ask, store, lose, later } = await aGate()
    await store.addFreeze(aFreeze({ until: NOW + 3 * MINUTE }))
    await ask()
    lose('fails')
    later(MINUTE)
    expect((await ask()).status).toBe(423)
    later(MINUTE)
    expect((await ask()).status).toBe(200)
  })

  it('knows what was read for somebody else, such as the keeper', async () => {
    const { ask, store, lose, later, refresh } = await aGate()
    await ask('checkout')
    await store.addFreeze(aFreeze())
    later(3 * MINUTE)
    await refresh()
    lose('fails')
    later(3 * MINUTE)
    expect((await ask()).status).toBe(423)
  })

  it('does not take an old memory for a young one because the clock was set back', async () => {
    const { ask, lose, later } = await aGate()
    await ask()
    lose('fails')
    later(-3_600_000)
    expect((await ask()).status).toBe(503)
  })

  it('does not say of what it remembers that nothing changed since the store said so', async () => {
    const { ask, url, lose } = await aGate()
    await ask()
    const headers = { authorization: `Bearer ${TOKEN}` }
    const fresh = await fetch(`${url}/v1/freezes/inference`, { headers })
    lose('fails')
    const etag = fresh.headers.get('etag') ?? ''
    const stale = await fetch(`${url}/v1/freezes/inference`, { headers: { ...headers, 'if-none-match': etag } })
    expect(stale.status).toBe(200)
  })

  it('asks the store again each time, and is fresh as soon as that answers', async () => {
    const { ask, store, lose } = await aGate()
    await ask()
    lose('fails')
    await ask()
    await store.addFreeze(aFreeze())
    lose('none')
    expect((await ask()).status).toBe(423)
    expect((await ask()).body).not.toHaveProperty('stale')
  })
})

it('an answer that was overtaken by a later question’s is not what is remembered', async () => {
  const answers: ((freezes: readonly Freeze[]) => void)[] = []
  const memory = createFreezeMemory({ activeFreezes: () => new Promise((resolve) => answers.push(resolve)) })
  const asked = [memory.activeFreezes(1), memory.activeFreezes(2)]
  answers[1]?.([aFreeze()])
  await asked[1]
  answers[0]?.([])
  expect(await asked[0]).toEqual([])
  expect(memory.remembered()).toEqual({ at: 2, freezes: [aFreeze()] })
})
