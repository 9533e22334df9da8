import { describe, expect, it } from '@jest/globals'
import { signalsOf } from '../../src/checks/check.ts'
import { prometheusQuery } from '../../src/checks/prometheus-query.ts'
import { NOW } from '../builders.ts'
import { aContext, HOUR_MS } from './a-context.ts'
import { prometheusMetrics } from './prometheus-metrics.ts'
import { runCheck, written } from './run-check.ts'
import { DAY_MS } from './the-surge.ts'

/** Queues of two pods: 120 and 80 long now, 40 and 50 yesterday. */
function queues() {
  const queue = (pod: string, now: number, before: number) => ({
    labels: { __name__: 'queue_length', pod },
    value: (at: number) => (at > NOW - DAY_MS / 2 ? now : before),
  })
  const zero = { labels: { __name__: 'failures' }, value: (at: number) => (at > NOW - HOUR_MS ? 3 : 0) }
  const metrics = prometheusMetrics(
    [queue('p-0', 120, 40), queue('p-1', 80, 50), zero],
    [
      { from: NOW - DAY_MS - HOUR_MS, to: NOW - DAY_MS },
      { from: NOW - HOUR_MS, to: NOW },
    ],
  )
  return aContext({ metrics })
}

const QUERY = { query: 'queue_length{$selector}', what: 'Queue length' }
const SIGNAL = { signal: { group: 'queue', problem: 'queue_long', clear: 'queue_short' } }

describe('a query of any metric', () => {
  it.each([
    ['above its limit', { above: 100 }, 'problem', 'Queue length is 120, above 100'],
    ['at its limit', { above: 120 }, 'clear', 'Queue length is 120, not above 120'],
    [
      'of several series the lowest where only too little matters',
      { below: 100 },
      'problem',
      'Queue length is 80, below 100',
    ],
    [
      'of several series the one that is asked for',
      { below: 100, of: 'highest' },
      'clear',
      'Queue length is 120, not below 100',
    ],
    ['between two limits', { above: 200, below: 100 }, 'clear', 'Queue length is 120, between 100 and 200'],
    ['in a unit', { above: 100, unit: 'bytes' }, 'problem', 'Queue length is 120 B, above 100 B'],
    [
      'in a unit of time',
      { above: 0.1, query: 'vector(0.25)', unit: 'seconds' },
      'problem',
      'Queue length is 250 ms, above 100 ms',
    ],
    [
      'more than yesterday by a factor',
      { baseline: '1d', ratioAbove: 2 },
      'problem',
      'Queue length is 120, 2.4× the 50 of 24 h ago (above 2×)',
    ],
    [
      'not so much more than yesterday',
      { baseline: '1d', ratioAbove: 3 },
      'clear',
      'Queue length is 120, 2.4× the 50 of 24 h ago (not above 3×)',
    ],
    [
      'less than yesterday',
      { baseline: '1d', ratioBelow: 2.1 },
      'problem',
      'Queue length is 80, 2× the 40 of 24 h ago (below 2.1×)',
    ],
  ])('%s', async (_what, limits, verdict, headline) => {
    const body = await runCheck(prometheusQuery, queues(), { ...QUERY, ...limits })
    expect(body).toMatchObject({ verdict, headline, signals: {} })
    expect(body.severity).toBe(verdict === 'problem' ? 'medium' : undefined)
  })

  it('emits what the runbook calls it, states its figures and names the series', async () => {
    const body = await runCheck(prometheusQuery, queues(), { ...QUERY, ...SIGNAL, above: 100, severity: 'critical' })
    expect(body).toMatchObject({
      severity: 'critical',
      signals: { queue: 'queue_long' },
      details: ['Series: namespace=ml, pod=p-0.'],
    })
    expect(written(body)).toEqual({ value: '120', threshold: '100', series: 'namespace=ml, pod=p-0' })
    const clear = await runCheck(prometheusQuery, queues(), { ...QUERY, ...SIGNAL, above: 200 })
    expect(clear.signals).toEqual({ queue: 'queue_short' })
  })

  it('that nothing is judged by is stated, and no more', async () => {
    const body = await runCheck(prometheusQuery, queues(), { ...QUERY, unit: 'count' })
    expect(body).toMatchObject({ verdict: 'clear', headline: 'Queue length is 120', signals: {} })
    expect(written(body)).toEqual({ value: '120', series: 'namespace=ml, pod=p-0' })
  })

  it('declares what it emits by its parameters', () => {
    expect(signalsOf(prometheusQuery, { ...QUERY, ...SIGNAL, above: 1 })).toEqual({
      queue: ['queue_long', 'queue_short'],
    })
    expect(signalsOf(prometheusQuery, { ...QUERY, above: 1 })).toEqual({})
    expect(signalsOf(prometheusQuery, {})).toBeUndefined()
  })

  it.each([
    ['empty', { query: 'no_such_metric{$selector}', above: 1 }],
    ['not a number', { query: 'queue_length{$selector} / 0 * 0', above: 1 }],
    ['empty then', { query: 'queue_length{$selector}', baseline: '3d', ratioAbove: 2 }],
    ['nothing then, of which there is no multiple', { query: 'failures{$selector}', baseline: '1d', ratioAbove: 2 }],
  ])('is unknown, never clear, where the answer is %s', async (_what, change) => {
    await expect(runCheck(prometheusQuery, queues(), { ...QUERY, ...change })).rejects.toMatchObject({
      kind: 'missing',
    })
  })

  it('takes an empty answer for none where the author says so', async () => {
    const body = await runCheck(prometheusQuery, queues(), {
      ...QUERY,
      query: 'sum(no_such_metric) or vector(0)',
      above: 1,
    })
    expect(body.headline).toBe('Queue length is 0, not above 1')
  })

  it.each([
    [
      'a signal and nothing to judge by',
      { signal: { group: 'a', problem: 'b', clear: 'c' } },
      'a signal needs something to judge by',
    ],
    [
      'a limit and a baseline',
      { above: 1, baseline: '1d', ratioAbove: 2 },
      'expected either above or below, or a baseline with',
    ],
    ['a baseline without a ratio', { baseline: '1d' }, 'a baseline needs ratioAbove or ratioBelow'],
    ['a ratio without a baseline', { ratioAbove: 2 }, 'a baseline needs ratioAbove or ratioBelow'],
    ['an unknown key', { above: 1, abvoe: 2 }, 'abvoe'],
    [
      'a signal with a space in it',
      { above: 1, signal: { group: 'my queue', problem: 'a', clear: 'b' } },
      'lower-case',
    ],
  ])('is refused with %s', (_what, change, message) => {
    const parsed = prometheusQuery.parameters.safeParse({ ...QUERY, ...change })
    expect(JSON.stringify(parsed.error?.issues)).toContain(message)
  })
})
