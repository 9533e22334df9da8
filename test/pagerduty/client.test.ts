import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createPagerDutyClient, type PagerDutyClientOptions } from '../../src/pagerduty/client.ts'
import { PagerDutyError } from '../../src/pagerduty/errors.ts'
import { listen } from '../../src/sandbox/http.ts'
import type { FaultReply, PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { ADA, aStandIn, BOT, SERVICE, TOKEN } from '../sandbox/pagerduty/receiver.ts'

let pagerduty: PagerDutyStandIn
let now = Date.parse('2026-05-11T03:42:00Z')
const { signal } = new AbortController()

beforeEach(async () => {
  now = Date.parse('2026-05-11T03:42:00Z')
  pagerduty = await aStandIn({ now: () => now })
})
afterEach(() => pagerduty.stop())

const aClient = (changes: Partial<PagerDutyClientOptions> = {}) =>
  createPagerDutyClient({
    token: TOKEN,
    from: BOT.email,
    baseUrl: pagerduty.url,
    timeoutMs: 2000,
    now: () => now,
    ...changes,
  })
const anIncident = (title = 'Memory', details?: Record<string, unknown>) =>
  pagerduty.trigger({ serviceId: SERVICE.id, title, ...(details && { details }) })

async function errorOf(promise: Promise<unknown>): Promise<PagerDutyError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (outcome instanceof PagerDutyError) return outcome
  throw new Error(`not a PagerDutyError: ${String(outcome)}`)
}

describe('the PagerDuty client', () => {
  it('writes a note in the name of its user and reads it again', async () => {
    const { id } = anIncident()
    const written = await aClient().addNote(id, 'Leak of 498 MB per deploy\nFreeze, then restart.', signal)
    expect(written).toEqual({
      id: expect.any(String),
      content: 'Leak of 498 MB per deploy\nFreeze, then restart.',
      createdAt: now,
      userName: BOT.name,
    })
    expect(await aClient().notes(id, signal)).toEqual([written])
    expect(pagerduty.notes(id)).toMatchObject([{ user: BOT.email }])
  })

  it('reads alerts with the details and the labels of their monitor', async () => {
    const firing =
      'Labels:\n - alertname = MemoryHigh\n - pod = a\nAnnotations:\n - summary = x\nSource: http://p\n' +
      'Labels:\n - alertname = MemoryHigh\n - pod = b\nAnnotations:\nSource: http://p\n'
    const { id } = anIncident('Memory', { firing, num_firing: 2, nested: { left: 'out' } })
    expect(await aClient().alerts(id, signal)).toMatchObject([
      {
        summary: 'Memory',
        severity: 'critical',
        details: { num_firing: '2', firing: expect.stringContaining('MemoryHigh') },
        labels: { alertname: 'MemoryHigh' },
      },
    ])
  })

  it('reads one incident', async () => {
    const { id, number } = anIncident()
    expect(await aClient().incident(id, signal)).toMatchObject({
      id,
      number,
      status: 'triggered',
      serviceId: SERVICE.id,
    })
  })

  it('lists all open incidents of the asked services, over many pages and however old', async () => {
    now -= 90 * 24 * 3_600_000
    const old = anIncident('Old')
    now += 90 * 24 * 3_600_000
    const open = Array.from({ length: 230 }, (_, index) => anIncident(`Number ${index}`))
    pagerduty.acknowledge(open[7]?.id ?? '')
    const over = anIncident('Over')
    pagerduty.resolve(over.id)
    const found = await aClient().openIncidents([SERVICE.id], signal)
    expect(found.map(({ id }) => id).toSorted()).toEqual([old, ...open].map(({ id }) => id).toSorted())
    expect(found.filter(({ status }) => status === 'acknowledged')).toHaveLength(1)
    expect(pagerduty.requests).toHaveLength(3)
  })

  it('asks for no incidents at all where no services are given', async () => {
    anIncident()
    expect(await aClient().openIncidents([], signal)).toEqual([])
    expect(pagerduty.requests).toEqual([])
  })

  it('asks for many services in several requests', async () => {
    const { id } = anIncident()
    const ids = [...Array.from({ length: 120 }, (_, index) => `POTHER${index}`), SERVICE.id]
    expect(await aClient().openIncidents(ids, signal)).toMatchObject([{ id }])
    expect(pagerduty.requests).toHaveLength(3)
  })

  it('leaves out an incident that cannot be read, and says so', async () => {
    const warned: object[] = []
    const logger = { warn: (fields: object) => void warned.push(fields) }
    pagerduty.failNext({ path: /^\/incidents$/ }, { status: 200, body: { incidents: [{ id: 'Q1' }], more: false } })
    expect(await aClient({ logger }).openIncidents([SERVICE.id], signal)).toEqual([])
    expect(warned).toEqual([{ path: '/incidents', problem: expect.stringContaining('incident.') }])
  })

  it('reads changes of a service within a time', async () => {
    pagerduty.addChangeEvent(SERVICE.id, 'Deploy 46', now - 7_200_000)
    pagerduty.addChangeEvent(SERVICE.id, 'Deploy 47', now - 60_500)
    const changes = await aClient().changeEvents(SERVICE.id, now - 60_500, now, signal)
    expect(changes).toEqual([
      { id: expect.any(String), summary: 'Deploy 47', at: now - 60_500, source: 'deploys', url: undefined },
    ])
  })

  it('names who is on call, first level first and everybody once', async () => {
    const eve = { id: 'PEVE', name: 'Eve', email: 'eve@acme.test' }
    pagerduty.addOnCall(SERVICE.escalationPolicyId, eve, 2)
    pagerduty.addOnCall(SERVICE.escalationPolicyId, ADA, 1)
    pagerduty.addOnCall(SERVICE.escalationPolicyId, ADA, 2)
    pagerduty.addOnCall('PELSE', BOT, 1)
    expect(await aClient().onCalls(SERVICE.escalationPolicyId, signal)).toEqual([
      { userId: 'PADA', name: 'Ada', email: 'ada@acme.test', level: 1 },
      { userId: 'PEVE', name: 'Eve', email: 'eve@acme.test', level: 2 },
    ])
  })

  it('finds the address of a user', async () => {
    expect(await aClient().userEmail(ADA.id, signal)).toBe(ADA.email)
  })

  it('makes at most four requests at once', async () => {
    let open = 0
    let most = 0
    const server = await listen(async (_, res) => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setTimeout(resolve, 20))
      open -= 1
      res.end(JSON.stringify({ user: {} }))
    })
    const client = aClient({ baseUrl: server.url })
    await Promise.all(Array.from({ length: 12 }, (_, index) => client.userEmail(`P${index}`, signal)))
    await server.stop()
    expect(most).toBe(4)
  })
})

describe('a PagerDuty call that fails', () => {
  it.each<[string, FaultReply, Partial<PagerDutyError>, boolean]>([
    ['401', { status: 401 }, { kind: 'unauthorized', status: 401 }, false],
    ['402', { status: 402 }, { kind: 'forbidden', status: 402 }, false],
    ['403', { status: 403 }, { kind: 'forbidden', status: 403 }, false],
    ['404', { status: 404 }, { kind: 'not-found', status: 404 }, false],
    [
      '400',
      { status: 400, body: { error: { message: 'Invalid', code: 2001 } } },
      { kind: 'invalid', code: 2001 },
      false,
    ],
    [
      '400 of an unwelcome requester',
      { status: 400, body: { error: { code: 1018 } } },
      { kind: 'forbidden', code: 1018 },
      false,
    ],
    ['429', { status: 429 }, { kind: 'rate-limited', status: 429 }, false],
    ['500', { status: 500 }, { kind: 'unavailable', status: 500 }, true],
    [
      "a proxy's 502 in HTML",
      { status: 502, headers: { 'content-type': 'text/html' } },
      { kind: 'unavailable', status: 502 },
      true,
    ],
    ['408', { status: 408 }, { kind: 'unavailable', status: 408 }, true],
    ['a page in HTML', 'not_json', { kind: 'bad-answer', status: 200 }, true],
    ['JSON of another shape', { status: 200, body: { hello: 'world' } }, { kind: 'bad-answer' }, true],
    ['JSON null', { status: 200, body: null }, { kind: 'bad-answer' }, true],
    [
      'a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' } },
      { kind: 'bad-answer', status: 302 },
      true,
    ],
    ['a cut connection', 'reset', { kind: 'unavailable', status: undefined }, true],
    ['no answer', 'hang', { kind: 'timeout', status: undefined }, true],
    ['no answer after all was done', 'accept_then_hang', { kind: 'timeout', status: undefined }, true],
  ])('with %s says what it means, and whether a change may have been made', async (_, reply, expected, ambiguous) => {
    const { id } = anIncident()
    const client = aClient({ timeoutMs: 150 })
    pagerduty.failNext({ path: /notes/ }, reply, 1)
    const failed = await errorOf(client.addNote(id, 'text', signal))
    expect(failed).toMatchObject({ ...expected, ambiguous })
    expect(failed.message).toContain(`POST /incidents/${id}/notes`)
    now += 120_000
    pagerduty.failNext({ path: /notes/ }, reply, 1)
    expect(await errorOf(client.notes(id, signal))).toMatchObject({ kind: expected.kind, ambiguous: false })
    expect(pagerduty.requests).toHaveLength(2)
  })

  it('for a wrong token says where to look', async () => {
    const failed = await errorOf(aClient({ token: 'wrong' }).userEmail(ADA.id, signal))
    expect(failed).toMatchObject({ kind: 'unauthorized', status: 401, code: 2006 })
    expect(failed.message).toContain('PAGERDUTY_API_TOKEN')
    expect(failed.message).not.toContain('wrong')
  })

  it('for an unknown requester carries the code', async () => {
    const { id } = anIncident()
    expect(await errorOf(aClient({ from: 'nobody@acme.test' }).addNote(id, 'text', signal))).toMatchObject({
      kind: 'invalid',
      code: 1008,
    })
  })

  it('for an id that nobody knows', async () => {
    expect(await errorOf(aClient().incident('QNONE', signal))).toMatchObject({ kind: 'not-found', code: 2100 })
  })

  it.each(['../users', 'a/b', '', 'a?b', '%2e'])('for the id "%s" is not even made', async (id) => {
    expect(await errorOf(aClient().incident(id, signal))).toMatchObject({ kind: 'invalid', ambiguous: false })
    expect(pagerduty.requests).toEqual([])
  })

  it('because nobody listens changed nothing', async () => {
    const gone = await listen(() => undefined)
    await gone.stop()
    const failed = await errorOf(aClient({ baseUrl: gone.url }).addNote('Q1', 'text', signal))
    expect(failed).toMatchObject({ kind: 'unavailable', ambiguous: false })
    expect(failed.message).toContain('ECONNREFUSED')
  })

  it('because the caller gave up ends at once', async () => {
    const caller = new AbortController()
    pagerduty.failNext({}, 'hang')
    const failing = errorOf(aClient().notes('Q1', caller.signal))
    while (pagerduty.requests.length === 0) await sleep(5)
    const began = performance.now()
    caller.abort(new Error('The incident is over.'))
    const failed = await failing
    expect(failed).toMatchObject({ kind: 'timeout', cause: new Error('The incident is over.') })
    expect(performance.now() - began).toBeLessThan(1000)
    expect(await errorOf(aClient().addNote('Q1', '', caller.signal))).toMatchObject({
      kind: 'timeout',
      ambiguous: false,
    })
    expect(pagerduty.requests).toHaveLength(1)
  })

  it('or succeeds leaves no listener on the signal of its caller', async () => {
    const caller = new AbortController()
    pagerduty.failNext({ path: /^\/incidents/ }, 'reset')
    const client = aClient()
    await Promise.all(Array.from({ length: 12 }, () => client.userEmail(ADA.id, caller.signal)))
    await errorOf(client.notes('Q1', caller.signal))
    expect(getEventListeners(caller.signal, 'abort')).toEqual([])
  })

  it('in the queue behind others that hang changed nothing', async () => {
    pagerduty.failNext({}, 'hang', 4)
    const { id } = anIncident()
    const client = aClient({ timeoutMs: 200 })
    const hanging = Array.from({ length: 4 }, () => errorOf(client.notes(id, signal)))
    // Gives up well before the others do and make room.
    const note = client.addNote(id, 'text', AbortSignal.timeout(100))
    expect(await errorOf(note)).toMatchObject({ kind: 'timeout', ambiguous: false })
    await Promise.all(hanging)
    expect(await client.notes(id, signal)).toEqual([])
  })

  it('in the middle of the answer is a time-out too', async () => {
    const server = await listen((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.write('{"notes":')
    })
    const client = aClient({ baseUrl: server.url, timeoutMs: 100 })
    expect(await errorOf(client.notes('Q1', signal))).toMatchObject({ kind: 'timeout' })
    expect(await errorOf(client.addNote('Q1', 'x', signal))).toMatchObject({ kind: 'timeout', ambiguous: true })
    await server.stop()
  })

  it('with an answer without end is given up', async () => {
    const server = await listen((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      res.end('"'.padEnd(9 * 1024 * 1024, 'a'))
    })
    expect(await errorOf(aClient({ baseUrl: server.url }).notes('Q1', signal))).toMatchObject({ kind: 'bad-answer' })
    await server.stop()
  })
})

describe("PagerDuty's rate limit", () => {
  it('stops further calls until the time that it names, without sending them', async () => {
    const { id } = anIncident()
    const client = aClient()
    pagerduty.failNext({}, { status: 429, headers: { 'ratelimit-reset': '20' } })
    const began = performance.now()
    expect(await errorOf(client.notes(id, signal))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 20_000 })
    expect(performance.now() - began).toBeLessThan(1000)
    now += 5000
    expect(await errorOf(client.notes(id, signal))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 15_000 })
    now += 15_000
    expect(await client.notes(id, signal)).toEqual([])
    expect(pagerduty.requests).toHaveLength(2)
  })

  it('is respected before it refuses', async () => {
    const { id } = anIncident()
    const client = aClient()
    const headers = { 'ratelimit-remaining': '0', 'ratelimit-reset': '7' }
    pagerduty.failNext({}, { status: 200, body: { notes: [] }, headers })
    expect(await client.notes(id, signal)).toEqual([])
    expect(await errorOf(client.addNote(id, 'text', signal))).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 7000,
      ambiguous: false,
    })
    expect(pagerduty.requests).toHaveLength(1)
  })
})

describe('a failed call', () => {
  // pdjs would hold a process for 30 s after a network error and for 20 s after a 429.
  it.each<[string, FaultReply]>([
    ['a cut connection', 'reset'],
    ['a time-out', 'hang'],
    ['a 429', { status: 429 }],
    ['a 500', { status: 500 }],
  ])('after %s leaves no timer behind that would keep a process alive', async (_, reply) => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    pagerduty.failNext({}, reply)
    const before = timers()
    await errorOf(aClient({ timeoutMs: 100 }).notes('Q1', signal))
    expect(timers()).toBeLessThanOrEqual(before)
  })
})
