import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { SourceError } from '../../../src/datasources/datasource.ts'
import { prometheus } from '../../../src/datasources/prometheus/index.ts'
import type { PrometheusStandIn } from '../../../src/sandbox/prometheus/index.ts'
import { startPrometheusStandIn } from '../../../src/sandbox/prometheus/index.ts'
import { aService, NOW } from '../../builders.ts'
import { failureOf, inTime, offered, opened } from '../deps.ts'

const MINUTE_MS = 60_000
let server: PrometheusStandIn
beforeEach(async () => {
  server = await startPrometheusStandIn({ now: () => NOW })
})
afterEach(() => server.stop())

const source = (settings: object = {}) => opened(prometheus, { url: server.url, timeout: '400ms', ...settings })
const metrics = (settings?: object) => offered(source(settings).metrics)
const ask = (query = 'up') => metrics().instant(query, NOW, inTime())
const window = { from: NOW - 10 * MINUTE_MS, to: NOW, stepMs: MINUTE_MS }
const success = (data: object, more: object = {}) => ({
  status: 200,
  body: JSON.stringify({ status: 'success', data, ...more }),
})

describe('an instant query', () => {
  it('gives every sample with its labels, at the moment asked about', async () => {
    server.append({ __name__: 'mem', pod: 'a' }, NOW - 1_000, 5)
    server.append({ __name__: 'mem', pod: 'b' }, NOW - 1_000, 7)
    expect(await ask('mem')).toEqual({
      value: [
        { labels: { __name__: 'mem', pod: 'a' }, value: 5 },
        { labels: { __name__: 'mem', pod: 'b' }, value: 7 },
      ],
      query: 'mem',
      asOf: NOW,
      warnings: [],
    })
    expect((await metrics().instant('mem', NOW - 10 * MINUTE_MS, inTime())).value).toEqual([])
  })

  it('gives a scalar as one sample, and numbers that are none', async () => {
    expect((await ask('6 * 7')).value).toEqual([{ labels: {}, value: 42 }])
    expect((await ask('1 / 0')).value[0]?.value).toBe(Number.POSITIVE_INFINITY)
    expect((await ask('-1 / 0')).value[0]?.value).toBe(Number.NEGATIVE_INFINITY)
    expect((await ask('0 / 0')).value[0]?.value).toBeNaN()
  })

  it('keeps warnings and hints', async () => {
    server.failNext(success({ resultType: 'vector', result: [] }, { warnings: ['partial'], infos: ['not a counter'] }))
    expect((await ask()).warnings).toEqual(['partial', 'not a counter'])
  })
})

describe('a range query', () => {
  it('gives points in milliseconds and leaves out what is no number', async () => {
    for (const [minutes, value] of [
      [4, 1],
      [3, Number.NaN],
      [2, 3],
    ] as const)
      server.append({ __name__: 'mem', pod: 'a' }, NOW - minutes * MINUTE_MS, value)
    const { value, asOf } = await metrics().range(
      'mem',
      { ...window, from: NOW - 4 * MINUTE_MS, to: NOW - 2 * MINUTE_MS },
      inTime(),
    )
    expect(value).toEqual([
      {
        labels: { __name__: 'mem', pod: 'a' },
        points: [
          [NOW - 4 * MINUTE_MS, 1],
          [NOW - 2 * MINUTE_MS, 3],
        ],
      },
    ])
    expect(asOf).toBe(NOW - 2 * MINUTE_MS)
  })

  it('keeps fractions of a second apart', async () => {
    server.append({ __name__: 'mem' }, NOW, 1)
    const fine = { from: NOW, to: NOW + 1_000, stepMs: 250 }
    const { value } = await metrics().range('mem', fine, inTime())
    expect(value[0]?.points.map(([at]) => at - NOW)).toEqual([0, 250, 500, 750, 1_000])
  })
})

describe('a Prometheus that does not answer', () => {
  const cut = '{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}'
  it.each<[string, Parameters<PrometheusStandIn['failNext']>[0], string, RegExp]>([
    [
      'with a wrong query',
      { status: 400, body: '{"status":"error","errorType":"bad_data","error":"no such function"}' },
      'bad-answer',
      /could not answer “up”: no such function\.$/,
    ],
    [
      'because the query takes too long for it',
      { status: 503, body: '{"status":"error","errorType":"timeout","error":"query timed out"}' },
      'timeout',
      /query timed out/,
    ],
    [
      'with a gateway in front of it',
      { status: 502, body: '<html>Bad Gateway</html>' },
      'bad-answer',
      /status 502, and not in Prometheus' format/,
    ],
    ['with a page', { status: 200, body: '<html></html>' }, 'bad-answer', /not in Prometheus' format/],
    ['with another shape', { status: 200, body: cut }, 'bad-answer', /not in Prometheus' format/],
    [
      'with a range to an instant question',
      success({ resultType: 'matrix', result: [] }),
      'bad-answer',
      /it is a range/,
    ],
    ['at all', 'hang', 'timeout', /did not answer within 0\.4 s/],
    ['to the end', 'truncate', 'unreachable', /could not be reached/],
    ['without credentials', { status: 401, body: 'Unauthorized' }, 'unauthorized', /Check its token/],
    ['this account', { status: 403, body: 'Forbidden' }, 'forbidden', /403 to GET \/api\/v1\/query\.$/],
  ])('%s says why', async (_, failure, kind, text) => {
    server.failNext(failure, 2)
    const started = performance.now()
    const error = await failureOf(ask())
    expect(error).toBeInstanceOf(SourceError)
    expect(error).toMatchObject({ kind, source: 'source', message: expect.stringMatching(text) })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('once, because it closed the connection, is asked again', async () => {
    server.failNext('reset')
    expect((await ask('vector(1)')).value).toHaveLength(1)
  })

  it('with a vector to a range question says why', async () => {
    server.failNext(success({ resultType: 'vector', result: [] }))
    expect(await failureOf(metrics().range('up', window, inTime()))).toMatchObject({ kind: 'bad-answer' })
  })

  it('in a sentence that stays short, however long the query', async () => {
    const error = await failureOf(ask(`${'a'.repeat(5_000)} +`))
    expect(String(error).length).toBeLessThan(700)
  })

  it('is probed by a question without data', async () => {
    await expect(source().probe(inTime())).resolves.toBeUndefined()
    server.failNext({ status: 500, body: '' })
    await expect(source().probe(inTime())).rejects.toMatchObject({ kind: 'bad-answer' })
  })
})

it('sends the token that its variable holds', async () => {
  await server.stop()
  server = await startPrometheusStandIn({ bearerToken: 't0ken', now: () => NOW })
  const secret = (name: string | undefined) => (name === 'PROM_TOKEN' ? 't0ken' : undefined)
  const settings = { url: server.url, tokenEnv: 'PROM_TOKEN' }
  await expect(opened(prometheus, settings, { secret }).probe(inTime())).resolves.toBeUndefined()
  await expect(opened(prometheus, { url: server.url }).probe(inTime())).rejects.toMatchObject({ kind: 'unauthorized' })
})

describe('deploys by a counter', () => {
  const service = (counter?: string) =>
    aService({ deploys: { source: 'source', ...(counter !== undefined && { counter }) } })
  const deploys = (counter?: string, hours = 6) =>
    offered(source().deploys).deploys(service(counter), { from: NOW - hours * 60 * MINUTE_MS, to: NOW }, inTime())

  it('are its rises, each at the step in which it rose', async () => {
    const rises = [200, 130, 130, 40]
    for (let minute = 300; minute >= 0; minute -= 0.5)
      server.append(
        { __name__: 'deploys_total' },
        NOW - minute * MINUTE_MS,
        100 + rises.filter((one) => one >= minute).length,
      )
    const { value, warnings } = await deploys('sum(deploys_total)')
    expect(value.map(({ at }) => Math.round((NOW - at) / MINUTE_MS))).toEqual([200, 130, 130, 40])
    expect(value[0]).toMatchObject({ what: 'deploy' })
    expect(warnings).toEqual([])
    const spans = value.map(({ at }, i) => at - (NOW - (rises[i] ?? 0) * MINUTE_MS))
    // A step of eleven seconds over six hours.
    expect(spans.every((late) => late >= 0 && late < 11_000)).toBe(true)
  })

  it('warn where the counter is a sum that loses parts', async () => {
    for (const [minute, value] of [
      [3, 40],
      [2, 30],
      [1, 31],
    ] as const)
      server.append({ __name__: 'deploys_total' }, NOW - minute * MINUTE_MS, value)
    const { value, warnings } = await deploys('deploys_total', 0.1)
    expect(value).toHaveLength(1)
    expect(warnings).toEqual(['the counter fell 1 times without starting anew: sum a counter that outlives the pods'])
  })

  it.each<[string, string | undefined, string]>([
    ['without a counter', undefined, 'not-configured'],
    ['of a counter that does not exist', 'sum(nothing_total)', 'missing'],
  ])('are unknown %s', async (_, counter, kind) => {
    expect(await failureOf(deploys(counter))).toMatchObject({ kind, source: 'source' })
  })
})
