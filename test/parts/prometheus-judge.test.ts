import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type PrometheusStandIn, startPrometheusStandIn } from '../../src/sandbox/prometheus/index.ts'
import { type Answer, ask, differences } from './prometheus-answers.ts'
import {
  comparedExpressions,
  orderedExpressions,
  rawExpressions,
  refusedExpressions,
} from './prometheus-expressions.ts'
import { openMetricsText, sampledSeries, startMs } from './prometheus-samples.ts'
import { type RealPrometheus, startRealPrometheus } from './real-prometheus.ts'

let real: RealPrometheus
let standIn: PrometheusStandIn

beforeAll(async () => {
  const series = sampledSeries()
  real = await startRealPrometheus({ blocksFrom: openMetricsText(series) })
  standIn = await startPrometheusStandIn({ generation: await generationOf(real.url) })
  for (const { labels, samples } of series) for (const [atMs, value] of samples) standIn.append(labels, atMs, value)
}, 60_000)

afterAll(async () => {
  await standIn?.stop()
  await real?.stop()
})

async function both(path: string, parameters: Readonly<Record<string, string>>): Promise<[Answer, Answer]> {
  return Promise.all([ask(real.url, path, parameters), ask(standIn.url, path, parameters)])
}

async function expectAgreement(path: string, parameters: Readonly<Record<string, string>>, ordered = false) {
  const [expected, actual] = await both(path, parameters)
  expect({ parameters, differences: differences(expected, actual, ordered) }).toEqual({ parameters, differences: [] })
  expect(expected.status).toBe(200)
}

const seconds = (afterStartMs: number): string => String((startMs + afterStartMs) / 1000)
const hourMs = 3_600_000

describe('the stand-in answers as a real Prometheus does', () => {
  it.each(comparedExpressions)('%s', async (query) => {
    for (const afterMs of [0, 2 * hourMs, 2.5 * hourMs + 7123, 3 * hourMs + 284_999])
      await expectAgreement('/api/v1/query', { query, time: seconds(afterMs) })
    if (query.startsWith('"')) return
    const range = { query, start: seconds(0.4 * hourMs), end: seconds(3.2 * hourMs), step: '60' }
    await expectAgreement('/api/v1/query_range', range)
    await expectAgreement('/api/v1/query_range', { ...range, start: seconds(hourMs + 1), step: '7m13s' })
  })

  it.each(orderedExpressions)('%s, in the same order', async (query) => {
    await expectAgreement('/api/v1/query', { query, time: seconds(2 * hourMs) }, true)
  })

  it.each(rawExpressions)('%s, raw samples', async (query) => {
    await expectAgreement('/api/v1/query', { query, time: seconds(2 * hourMs) })
  })

  // `ends_early` has its last sample exactly one hour after the start.
  it.each([-1, 0, 1])('a sample stays current for exactly five minutes (%d ms after that)', async (afterMs) => {
    await expectAgreement('/api/v1/query', { query: 'ends_early', time: seconds(hourMs + 300_000 + afterMs) })
  })

  it.each([-1, 0, 1])('a range counts samples on its far edge alike (%d ms after it)', async (afterMs) => {
    const query = 'count_over_time(ends_early[1m])'
    await expectAgreement('/api/v1/query', { query, time: seconds(1000 * 60 + afterMs) })
    await expectAgreement('/api/v1/query', { query: 'increase(ends_early[1m])', time: seconds(hourMs + afterMs) })
  })
})

describe('the stand-in refuses as a real Prometheus does', () => {
  it.each(refusedExpressions)('%j', async (query) => {
    const [expected, actual] = await both('/api/v1/query', { query, time: seconds(2 * hourMs) })
    expect(expected.status).toBeGreaterThanOrEqual(400)
    expect({ status: actual.status, errorType: actual.errorType }).toEqual({
      status: expected.status,
      errorType: expected.errorType,
    })
  })

  it.each<[string, Record<string, string>]>([
    ['/api/v1/query', {}],
    ['/api/v1/query', { query: '1', time: 'yesterday' }],
    ['/api/v1/query', { query: '1', timeout: 'long' }],
    ['/api/v1/query_range', { query: '1', start: '0', end: '11001', step: '1' }],
    ['/api/v1/query_range', { query: '1', start: '10', end: '5', step: '1' }],
    ['/api/v1/query_range', { query: '1', start: '0', end: '5', step: '0' }],
    ['/api/v1/query_range', { query: '1', start: '0', end: '5', step: '-1' }],
    ['/api/v1/query_range', { query: '1', start: '0', end: '5' }],
    ['/api/v1/query_range', { query: '1', end: '5', step: '1' }],
    ['/api/v1/query_range', { query: 'up[5m]', start: '0', end: '5', step: '1' }],
    ['/api/v1/query_range', { query: '"x"', start: '0', end: '5', step: '1' }],
    ['/api/v1/query_range', { query: '1 +', start: '0', end: '5', step: '1' }],
    ['/api/v1/series', {}],
    ['/api/v1/series', { 'match[]': '{}' }],
    ['/api/v1/series', { 'match[]': 'rate(up[5m])' }],
    ['/api/v1/labels', { start: 'x' }],
    ['/api/v1/label/0x/values', {}],
    ['/api/v1/nothing', {}],
  ])('%s %j', async (path, parameters) => {
    const [expected, actual] = await both(path, parameters)
    expect(expected.status).toBeGreaterThanOrEqual(400)
    expect([actual.status, actual.errorType]).toEqual([expected.status, expected.errorType])
  })
})

describe('the other endpoints', () => {
  it.each<[string, Record<string, string>]>([
    ['/api/v1/query_range', { query: 'time()', start: '0', end: '11000', step: '1' }],
    [
      '/api/v1/query_range',
      { query: '1', start: '2023-11-15T00:00:00Z', end: '2023-11-15T01:00:00.5+00:30', step: '1h' },
    ],
    ['/api/v1/query', { query: '1', time: '2023-11-15T00:00:00.123Z', timeout: '5s' }],
  ])('%s %j', async (path, parameters) => {
    await expectAgreement(path, parameters)
  })

  it.each<[string, Record<string, string>]>([
    ['/api/v1/series', { 'match[]': 'memory_bytes{pod=~"a|b"}' }],
    ['/api/v1/labels', {}],
    ['/api/v1/labels', { 'match[]': 'pod_info' }],
    ['/api/v1/label/pod/values', {}],
    ['/api/v1/label/__name__/values', {}],
    ['/api/v1/label/missing/values', {}],
    ['/api/v1/label/node/values', { 'match[]': 'pod_info' }],
  ])('%s %j lists the same', async (path, parameters) => {
    const [expected, actual] = await both(path, parameters)
    expect(actual.data).toEqual(expected.data)
  })

  it.each(['/-/ready', '/-/healthy'])('%s', async (path) => {
    const [expected, actual] = await both(path, {})
    expect([actual.status, actual.text]).toEqual([expected.status, expected.text])
  })

  it('a query may be posted as a form', async () => {
    const body = new URLSearchParams({ query: 'memory_bytes', time: seconds(hourMs) })
    const answers = await Promise.all(
      [real.url, standIn.url].map(async (url) => (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json()),
    )
    expect(answers[1]).toEqual(answers[0])
  })
})

async function generationOf(url: string): Promise<2 | 3> {
  const { data } = await ask(url, '/api/v1/status/buildinfo', {})
  return JSON.stringify(data).includes('"version":"2.') ? 2 : 3
}
