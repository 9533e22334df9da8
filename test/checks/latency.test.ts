import { describe, expect, it } from '@jest/globals'
import { latency } from '../../src/checks/latency.ts'
import { NOW } from '../builders.ts'
import { aContext, aWatchedService, GB, HOUR_MS, unrest } from './a-context.ts'
import { prometheusMetrics } from './prometheus-metrics.ts'
import { runCheck, written } from './run-check.ts'
import { DAY_MS, MINUTE_MS } from './the-surge.ts'

const ALL = { p99: 'p99_seconds{$selector}', swap: 'swap_total_bytes - swap_free_bytes' }

type Change = Readonly<Record<string, ((at: number) => number | undefined) | undefined>>

/** The first incident: memory fills up over six hours, latency bends from 45 to 180 ms, and 1.2 GB go to swap in the end. */
function crisis(change: Change = {}) {
  const share = (at: number) => 0.6 + 0.375 * Math.max(0, 1 + (at - NOW) / (6 * HOUR_MS))
  const values: Change = {
    p99_seconds: (at) => 0.045 + 0.135 * ((share(at) - 0.6) / 0.375) ** 2 + unrest(at, 0.0005),
    memory_bytes: (at) => 32 * GB * share(at),
    swap_total_bytes: () => 8 * GB,
    swap_free_bytes: (at) => 8 * GB - 1.2 * GB * Math.max(0, (share(at) - 0.87) / 0.105),
    ...change,
  }
  const recorded = Object.entries(values).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [{ labels: { __name__: name, ...(name.startsWith('swap') ? {} : { pod: 'p-3' }) }, value }],
  )
  const metrics = prometheusMetrics(recorded, [
    { from: NOW - 7 * DAY_MS - HOUR_MS, to: NOW - 7 * DAY_MS },
    { from: NOW - 6 * HOUR_MS, to: NOW },
  ])
  return aContext({ service: aWatchedService({ memoryLimit: { from: 'fixed', bytes: 32 * GB } }), metrics })
}

describe('latency', () => {
  it('of the first incident is four times last week’s, goes with memory, and memory is being swapped out', async () => {
    const body = await runCheck(latency, crisis(), ALL)
    expect(body).toMatchObject({
      verdict: 'problem',
      severity: 'high',
      signals: { latency: 'p99_up_with_memory', swap: 'swapping' },
    })
    expect(body.headline).toMatch(
      /^p99 latency is 17\d ms, 3.\d+× the 4\d(\.\d)? ms 7 days ago, and rises with memory$/,
    )
    expect(Number(written(body).correlation)).toBeGreaterThan(0.95)
    expect(written(body).swap).toBe('1.2 GB')
  })

  it('that is up while memory lies still is up for another reason, even where both follow the same ripples', async () => {
    const steady = (at: number) => 10 * GB + unrest(at)
    const late = (at: number) => (at > NOW - 20 * MINUTE_MS ? 0.2 : 0.045 + unrest(at, 0.001))
    const body = await runCheck(latency, crisis({ memory_bytes: steady, p99_seconds: late }), { p99: ALL.p99 })
    expect(body).toMatchObject({ verdict: 'problem', severity: 'medium', signals: { latency: 'p99_up' } })
  })

  it('as last week is normal, though memory grows', async () => {
    const normal = (at: number) => 0.045 + unrest(at, 0.001)
    const body = await runCheck(latency, crisis({ p99_seconds: normal, swap_free_bytes: () => 7 * GB }), ALL)
    expect(body).toMatchObject({ verdict: 'clear', signals: { latency: 'p99_normal', swap: 'no_swap' } })
    expect(body.headline).toContain('normal')
    expect(body.details).toEqual(['1 GB are in swap, no more than an hour ago.'])
  })

  it('is held against the better part of the window where last week is not known', async () => {
    const recent = (at: number) => (at < NOW - DAY_MS ? undefined : at > NOW - HOUR_MS ? 0.2 : 0.045)
    const body = await runCheck(latency, crisis({ p99_seconds: recent }), ALL)
    expect(written(body)).toMatchObject({ p99: '200 ms', baseline: '45 ms', factor: '4.44×' })
    expect(body.headline).toContain('in the better part of the window')
  })

  it.each([
    [1.5, 0.0675, 'p99_up'],
    [1.5, 0.067, 'p99_normal'],
    [3, 0.1, 'p99_normal'],
  ])('is up from %d times the normal on: %d s is %s', async (upFrom, seconds, signal) => {
    const values = (at: number) => (at > NOW - DAY_MS ? seconds : 0.045)
    const body = await runCheck(latency, crisis({ p99_seconds: values, memory_bytes: undefined }), {
      p99: ALL.p99,
      upFrom,
    })
    expect(body.signals).toEqual({ latency: signal })
  })

  it('that nobody measured in the last minutes is unknown', async () => {
    const gone = (at: number) => (at > NOW - HOUR_MS ? undefined : 0.045)
    await expect(runCheck(latency, crisis({ p99_seconds: gone }), ALL)).rejects.toMatchObject({ kind: 'missing' })
  })
})
