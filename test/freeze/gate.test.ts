import { afterEach, describe, expect, it } from '@jest/globals'
import type { Server } from '../../src/http/server.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { aGateServer, TOKEN } from './gate-server.ts'

let server: Server | undefined
afterEach(() => server?.stop(0))

async function aGate(changes: Parameters<typeof aGateServer>[0] = {}) {
  const gate = await aGateServer(changes)
  server = gate.server
  const ask = async (path: string, token = TOKEN) => {
    const response = await fetch(`${gate.url}/v1/freezes/${path}`, { headers: { authorization: `Bearer ${token}` } })
    const body: unknown = await response.json()
    return { status: response.status, headers: response.headers, body }
  }
  return { ...gate, ask }
}

describe('the gate', () => {
  it('says that a service is free, and as of when', async () => {
    const { ask } = await aGate()
    const { status, body, headers } = await ask('inference')
    expect([status, body]).toEqual([200, { service: 'inference', frozen: false, asOf: '2026-01-13T04:12:00.000Z' }])
    expect(headers.get('cache-control')).toBe('private, no-cache')
  })

  it('says who froze a service, why and until when', async () => {
    const { ask, store } = await aGate()
    await store.addFreeze(aFreeze({ reason: 'memory grows with every deploy.' }))
    await store.addFreeze(aFreeze({ id: 'freeze-2', scope: 'all', by: 'U2', until: NOW + 7_200_000, reason: '' }))
    const { status, body, headers } = await ask('inference')
    const longest = { scope: 'all', reason: '', by: 'U2', since: iso(0), until: iso(7_200_000) }
    const other = {
      ...longest,
      scope: 'model',
      reason: 'memory grows with every deploy.',
      by: 'U1',
      until: iso(3_600_000),
    }
    expect(status).toBe(423)
    expect(body).toEqual({
      service: 'inference',
      frozen: true,
      ...longest,
      freezes: [longest, other],
      asOf: iso(1_800_000),
      message:
        'All deploys of inference are frozen until 05:42 UTC (2 h from 03:42 UTC) by U2. An approver can lift it in Slack with “/inc unfreeze inference”. One deploy that cannot wait: “/inc exempt inference” with a reason.',
    })
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['inference', 423],
    ['inference?scope=model', 423],
    ['inference?scope=workload', 200],
    ['checkout', 200],
  ])('with a freeze of the models of inference, answers %s with %i', async (path, expected) => {
    const { ask, store } = await aGate()
    await store.addFreeze(aFreeze({ scope: 'model' }))
    expect((await ask(path)).status).toBe(expected)
  })

  it.each([
    ['over', { until: NOW + 1_800_000 }],
    ['lifted', { liftedAt: NOW + 1, liftedBy: 'U3' }],
  ])('forgets a freeze that is %s', async (_, change) => {
    const { ask, store } = await aGate()
    await store.addFreeze(aFreeze(change))
    expect((await ask('inference')).status).toBe(200)
  })

  it('names the service that was probably meant', async () => {
    const { ask, questions } = await aGate()
    expect(await ask('inferense')).toMatchObject({ status: 404, body: { didYouMean: 'inference' } })
    expect((await ask('%00%0a')).body).not.toHaveProperty('didYouMean')
    expect(questions).toEqual([
      ['other', 'unknown-service'],
      ['other', 'unknown-service'],
    ])
  })

  it('refuses a question that is wrong, and does not take it for one that was asked', async () => {
    const { ask, asked, questions } = await aGate()
    expect(await ask('inference?scope=node')).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/model or workload/) },
    })
    expect(questions).toEqual([['inference', 'bad-question']])
    expect(asked.last('ci', 'inference')).toBeUndefined()
  })

  it.each([
    ['a wrong token', [{ name: 'ci', token: TOKEN }], 'gate-tokem', 'needs a header'],
    ['any token while none is configured', [], TOKEN, 'No gate tokens are configured'],
  ])('refuses %s and does not even say whether the service exists', async (_, tokens, token, text) => {
    const { ask, questions } = await aGate({ tokens })
    for (const service of ['inference', 'nowhere']) {
      const { status, body, headers } = await ask(service, token)
      expect([status, body]).toEqual([401, { error: expect.stringContaining(text) }])
      expect(headers.get('www-authenticate')).toBe('Bearer realm="incbot"')
    }
    expect(questions[0]).toEqual(['inference', 'unauthorized'])
  })

  it.each([
    ['rejects', () => Promise.reject(new Error('locked'))],
    ['hangs', () => new Promise<never>(() => undefined)],
  ])('answers 503 when the store %s and never said anything, and never “free”', async (_, activeFreezes) => {
    const { ask, questions } = await aGate({ reading: { activeFreezes }, answerWithinMs: 50 })
    const { status, headers } = await ask('inference')
    expect([status, headers.get('retry-after')]).toEqual([503, '2'])
    expect(questions).toEqual([['inference', 'unavailable']])
  })

  it('logs every question with the name of who asked, and never the token', async () => {
    const { ask, log } = await aGate()
    await ask('inference?scope=model')
    expect(log.lines).toEqual([
      {
        level: 'info',
        fields: { holder: 'ci', service: 'inference', scope: 'model', result: 'free' },
        message: 'Deploy gate was asked',
      },
    ])
  })
})

describe('the gate remembers', () => {
  const afterwards = () => new Promise((resolve) => setImmediate(resolve))

  it('when each pipeline asked last about each service', async () => {
    const { ask, asked } = await aGate()
    await ask('inference?scope=model')
    await ask('inference', 'wrong')
    await afterwards()
    expect(asked.last('ci', 'inference')).toBe(NOW + 1_800_000)
    expect(asked.last('ci', 'checkout')).toBeUndefined()
  })

  it('which deploy which freeze refused, and nothing where none did', async () => {
    const { ask, store, blocked } = await aGate()
    await store.addFreeze(aFreeze({ scope: 'model' }))
    await store.addFreeze(aFreeze({ id: 'freeze-2', scope: 'workload' }))
    for (const query of ['?scope=model&deploy=v129', '', '?scope=workload', 'checkout'])
      await ask(query === 'checkout' ? query : `inference${query}`)
    await afterwards()
    const at = NOW + 1_800_000
    expect(blocked).toEqual([
      ['freeze-1', { at, holder: 'ci', deploy: 'v129' }],
      ['freeze-1', { at, holder: 'ci' }],
      ['freeze-2', { at, holder: 'ci' }],
      ['freeze-2', { at, holder: 'ci' }],
    ])
  })

  it('after it has answered, so that nothing of that can delay or fail an answer', async () => {
    const { ask, store } = await aGate({
      blocked: () => {
        throw new Error('a bug')
      },
    })
    await store.addFreeze(aFreeze())
    expect((await ask('inference')).status).toBe(423)
    await afterwards()
    expect((await ask('inference')).status).toBe(423)
  })
})

function iso(ms: number): string {
  return new Date(NOW + ms).toISOString()
}
