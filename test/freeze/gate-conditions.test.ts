import { afterEach, describe, expect, it } from '@jest/globals'
import { etagOf, matches } from '../../src/freeze/etag.ts'
import type { Server } from '../../src/http/server.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { anExemption } from './builders.ts'
import { aGateServer, TOKEN } from './gate-server.ts'

let server: Server | undefined
afterEach(() => server?.stop(0))

async function aGate() {
  let at = NOW + 1_800_000
  const gate = await aGateServer({ now: () => at })
  server = gate.server
  const ask = async (ifNoneMatch?: string, query = '') => {
    const response = await fetch(`${gate.url}/v1/freezes/inference${query}`, {
      headers: { authorization: `Bearer ${TOKEN}`, ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }) },
    })
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? '',
      headers: response.headers,
      text: await response.text(),
    }
  }
  return {
    ...gate,
    ask,
    later: (ms: number) => {
      at += ms
    },
  }
}

describe('a client that has an answer already', () => {
  it('is told that it is still so, without a body, and keeps being asked for its token', async () => {
    const { ask, url, later, questions } = await aGate()
    const first = await ask()
    later(5_000)
    const second = await ask(first.etag)
    expect([second.status, second.text, second.etag]).toEqual([304, '', first.etag])
    expect([second.headers.get('content-type'), second.headers.get('content-length')]).toEqual([null, null])
    expect(second.headers.get('cache-control')).toBe('private, no-cache')
    expect(questions).toEqual([
      ['inference', 'free'],
      ['inference', 'free'],
    ])
    const stranger = await fetch(`${url}/v1/freezes/inference`, { headers: { 'if-none-match': first.etag } })
    expect(stranger.status).toBe(401)
  })

  it('is told what changed', async () => {
    const { ask, store } = await aGate()
    const free = await ask()
    await store.addFreeze(aFreeze())
    const frozen = await ask(free.etag)
    expect(frozen.status).toBe(423)
    await store.exemptDeploy('freeze-1', anExemption('deploy', 'v48'))
    const exempt = await ask(free.etag, '?deploy=v48')
    expect(exempt.status).toBe(200)
    expect((await ask(exempt.etag, '?deploy=v48')).status).toBe(304)
    expect(new Set([free.etag, frozen.etag, exempt.etag]).size).toBe(3)
  })

  it('is refused all the same while it is frozen: preconditions change a 200 only', async () => {
    const { ask, store, later } = await aGate()
    await store.addFreeze(aFreeze())
    const first = await ask()
    later(1_000)
    for (const tag of [first.etag, '*']) {
      const again = await ask(tag)
      expect([again.status, again.etag]).toEqual([423, first.etag])
      expect(again.text).toContain('"frozen":true')
    }
  })

  it('sees an extended freeze as something new', async () => {
    const { ask, store } = await aGate()
    await store.addFreeze(aFreeze())
    const first = await ask()
    await store.extendFreeze('freeze-1', NOW + 9 * 3_600_000)
    expect((await ask()).etag).not.toBe(first.etag)
  })

  it('may ask again on the same connection', async () => {
    const { ask } = await aGate()
    const { etag } = await ask()
    const statuses = []
    for (let turn = 0; turn < 5; turn++) statuses.push((await ask(turn % 2 === 0 ? etag : undefined)).status)
    expect(statuses).toEqual([304, 200, 304, 200, 304])
  })
})

it.each([
  ['W/"a"', true],
  ['"a"', true],
  ['"b", W/"a"', true],
  ['"b",W/"a","c"', true],
  ['*', true],
  [' * ', true],
  ['"b"', false],
  ['a', false],
  ['"A"', false],
  ['"*"', false],
  ['', false],
  [undefined, false],
])('If-None-Match: %s against W/"a" is %s', (header, expected) => {
  expect(matches(header, 'W/"a"')).toBe(expected)
})

it('a tag is what a header may hold', () => {
  expect(etagOf({ reason: 'ä\n"' })).toMatch(/^W\/"[\w-]{27}"$/)
})
