import { afterEach, describe, expect, it } from '@jest/globals'
import {
  type PrometheusStandIn,
  type PrometheusStandInOptions,
  startPrometheusStandIn,
} from '../../../src/sandbox/prometheus/index.ts'

const started: PrometheusStandIn[] = []
const atMs = 1_700_000_000_123

afterEach(async () => {
  await Promise.all(started.splice(0).map((standIn) => standIn.stop()))
})

async function aStandIn(options: PrometheusStandInOptions = {}): Promise<PrometheusStandIn> {
  const standIn = await startPrometheusStandIn({ now: () => atMs, ...options })
  started.push(standIn)
  standIn.append({ __name__: 'm', pod: 'a' }, atMs, 1.5)
  return standIn
}

async function ask(standIn: PrometheusStandIn, pathAndQuery: string, init: RequestInit = {}) {
  const response = await fetch(standIn.url + pathAndQuery, init)
  return { status: response.status, body: await response.text() }
}

describe('answers', () => {
  it('an instant query without a time is asked now, in seconds with milliseconds', async () => {
    const { status, body } = await ask(await aStandIn(), '/api/v1/query?query=m')
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      status: 'success',
      data: {
        resultType: 'vector',
        result: [{ metric: { __name__: 'm', pod: 'a' }, value: [1_700_000_000.123, '1.5'] }],
      },
    })
  })

  it.each([
    ['0/0', 'NaN'],
    ['1/0', '+Inf'],
    ['-1/0', '-Inf'],
    ['-0', '-0'],
    ['1e21', '1e+21'],
    ['0.0000001', '1e-7'],
  ])('%s is written %s', async (query, expected) => {
    const { body } = await ask(await aStandIn(), `/api/v1/query?${new URLSearchParams({ query }).toString()}`)
    expect(JSON.parse(body).data.result[1]).toBe(expected)
  })

  it('what it does not support is 422 and named', async () => {
    const { status, body } = await ask(await aStandIn(), '/api/v1/query?query=sgn(m)')
    expect(status).toBe(422)
    expect(JSON.parse(body)).toEqual({
      status: 'error',
      errorType: 'execution',
      error: 'not supported by this stand-in: function sgn',
    })
  })

  it.each([
    ['GET', '/api/v1/admin', 404],
    ['DELETE', '/api/v1/query?query=m', 405],
    ['POST', '/api/v1/metadata', 405],
    ['GET', '/api/v1/metadata', 200],
    ['GET', '/api/v1/label/0x/values', 400],
    ['GET', '/api/v1/status/buildinfo', 200],
    ['GET', '/api/v1/query_range?query=m&start=0&end=11001&step=1', 400],
  ])('%s %s is %d', async (method, path, expected) => {
    expect((await ask(await aStandIn(), path, { method })).status).toBe(expected)
  })

  it('keeps a record of what was asked', async () => {
    const standIn = await aStandIn()
    await ask(standIn, '/api/v1/query', { method: 'POST', body: new URLSearchParams({ query: 'up >' }) })
    await ask(standIn, '/-/ready')
    expect(standIn.requests).toEqual([
      { path: '/api/v1/query', query: 'up >', at: atMs, status: 400 },
      { path: '/-/ready', query: '', at: atMs, status: 200 },
    ])
  })
})

describe('a bearer token', () => {
  it.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['Bearer right', 200],
  ])('%p: %d', async (authorization, expected) => {
    const standIn = await aStandIn({ bearerToken: 'right' })
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    expect((await ask(standIn, '/api/v1/query?query=m', { headers })).status).toBe(expected)
  })
})

describe('failures on demand', () => {
  it('answers with the given status as often as asked, then recovers', async () => {
    const standIn = await aStandIn()
    standIn.failNext({ status: 503, body: 'busy' }, 2)
    const statuses: number[] = []
    for (let count = 0; count < 3; count += 1) statuses.push((await ask(standIn, '/api/v1/query?query=m')).status)
    expect(statuses).toEqual([503, 503, 200])
    expect(standIn.requests.map(({ status }) => status)).toEqual([503, 503, 200])
  })

  it.each([
    ['reset', 'fetch failed'],
    ['truncate', 'terminated'],
  ] as const)('%s cuts the connection', async (failure, message) => {
    const standIn = await aStandIn()
    standIn.failNext(failure)
    await expect(ask(standIn, '/api/v1/query?query=m')).rejects.toThrow(message)
    expect((await ask(standIn, '/api/v1/query?query=m')).status).toBe(200)
  })

  it('hang says nothing until the client gives up, and does not keep the stand-in from stopping', async () => {
    const standIn = await aStandIn()
    standIn.failNext('hang', 2)
    const signal = AbortSignal.timeout(50)
    await expect(ask(standIn, '/api/v1/query?query=m', { signal })).rejects.toThrow(/aborted/)
    const hanging = ask(standIn, '/api/v1/query?query=m').catch(() => 'cut')
    while (standIn.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    await standIn.stop()
    expect(await hanging).toBe('cut')
  })
})
