import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type PrometheusStandIn, startPrometheusStandIn } from '../../src/sandbox/prometheus/index.ts'
import { type Answer, ask, differences } from './prometheus-answers.ts'
import {
  comparedExpressions,
  instantExpressions,
  orderedExpressions,
  rawExpressions,
  refusedExpressions,
} from './prometheus-expressions.ts'
import { vectorExpression } from './prometheus-random-expressions.ts'
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

/** Where the two depart from each other; a refusal by either counts as a difference. */
async function disagreements(path: string, parameters: Readonly<Record<string, string>>, ordered = false) {
  const [expected, actual] = await both(path, parameters)
  return differences(expected, actual, ordered)
}

const seconds = (afterStartMs: number): string => String((startMs + afterStartMs) / 1000)
const hourMs = 3_600_000

describe('the stand-in answers as a real Prometheus does', () => {
  it.each(comparedExpressions)('%s', async (query) => {
    for (const afterMs of [0, 2 * hourMs, 2.5 * hourMs + 7123, 3 * hourMs + 284_999])
      expect(await disagreements('/api/v1/query', { query, time: seconds(afterMs) })).toEqual([])
    if (query.startsWith('"')) return
    const range = { query, start: seconds(0.4 * hourMs), end: seconds(3.2 * hourMs), step: '60' }
    expect(await disagreements('/api/v1/query_range', range)).toEqual([])
    expect(await disagreements('/api/v1/query_range', { ...range, start: seconds(hourMs + 1), step: '7m13s' })).toEqual(
      [],
    )
  })

  it.each(orderedExpressions)('%s, in the same order', async (query) => {
    expect(await disagreements('/api/v1/query', { query, time: seconds(2 * hourMs) }, true)).toEqual([])
  })

  it.each(instantExpressions)('%s, at one time', async (query) => {
    expect(await disagreements('/api/v1/query', { query, time: seconds(2 * hourMs) })).toEqual([])
  })

  it.each(rawExpressions)('%s, raw samples', async (query) => {
    expect(await disagreements('/api/v1/query', { query, time: seconds(2 * hourMs) })).toEqual([])
  })

  it('agrees on random expressions, refusals included', async () => {
    for (const query of fc.sample(vectorExpression, { numRuns: 400, seed: 20_231_114 })) {
      const range = { query, start: seconds(0.8 * hourMs), end: seconds(2.5 * hourMs), step: '300' }
      const [expected, actual] = await both('/api/v1/query_range', range)
      const differing = expected.status === 200 ? differences(expected, actual, false) : []
      const { status, errorType } = expected
      expect({ query, differing, status: actual.status, errorType: actual.errorType }).toEqual({
        query,
        differing: [],
        status,
        errorType,
      })
    }
  }, 30_000)

  // `ends_early` has its last sample exactly one hour after the start.
  it.each([-1, 0, 1])('a sample stays current for exactly five minutes (%d ms after that)', async (afterMs) => {
    expect(
      await disagreements('/api/v1/query', { query: 'ends_early', time: seconds(hourMs + 300_000 + afterMs) }),
    ).toEqual([])
  })

  it.each([-1, 0, 1])('a range counts samples on its far edge alike (%d ms after it)', async (afterMs) => {
    const query = 'count_over_time(ends_early[1m])'
    expect(await disagreements('/api/v1/query', { query, time: seconds(1000 * 60 + afterMs) })).toEqual([])
    expect(
      await disagreements('/api/v1/query', { query: 'increase(ends_early[1m])', time: seconds(hourMs + afterMs) }),
    ).toEqual([])
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
    // Equal labels that are never there at the same time: refused by these two, joined elsewhere.
    ...['-{__name__=~"ends_early|starts_late"}', 'rate({__name__=~"ends_early|starts_late"}[5m])'].map(
      (query): [string, Record<string, string>] => [
        '/api/v1/query_range',
        { query, start: seconds(0), end: seconds(3 * hourMs), step: '60' },
      ],
    ),
    ['/api/v1/series', {}],
    ['/api/v1/series', { 'match[]': '{}' }],
    ['/api/v1/series', { 'match[]': 'rate(up[5m])' }],
    ['/api/v1/labels', { start: 'x' }],
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
    expect(await disagreements(path, parameters)).toEqual([])
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
    const response = await fetch(`${standIn.url}/api/v1/query`, { method: 'POST', body })
    const asked = await ask(standIn.url, '/api/v1/query', Object.fromEntries(body))
    expect(await response.text()).toBe(asked.text)
    expect((await fetch(`${real.url}/api/v1/query`, { method: 'POST', body })).status).toBe(response.status)
  })
})

async function generationOf(url: string): Promise<2 | 3> {
  const { data } = await ask(url, '/api/v1/status/buildinfo', {})
  return JSON.stringify(data).includes('"version":"2.') ? 2 : 3
}
