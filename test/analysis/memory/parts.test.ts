import { describe, expect, it } from '@jest/globals'
import { toBuckets } from '../../../src/analysis/memory/buckets.ts'
import { cyclePhase, findCollector } from '../../../src/analysis/memory/collector.ts'
import { median, normalCdf, quantile } from '../../../src/analysis/memory/numbers.ts'
import { toObservations } from '../../../src/analysis/memory/observations.ts'
import { stepRegressor } from '../../../src/analysis/memory/regressors.ts'
import { findRestarts } from '../../../src/analysis/memory/restarts.ts'
import { MOST_REGRESSORS, solveRidge } from '../../../src/analysis/memory/ridge.ts'
import { readSamples } from '../../../src/analysis/memory/samples.ts'
import { findSpikes } from '../../../src/analysis/memory/spikes.ts'
import { findStep } from '../../../src/analysis/memory/steps.ts'
import { expectTraffic } from '../../../src/analysis/memory/traffic-ahead.ts'
import { aSeries, LIMIT_BYTES, type Story } from './a-series.ts'

const observe = (story: Partial<Story>) => {
  const samples = readSamples(aSeries(story))
  const restarts = findRestarts(samples)
  const collector = findCollector(samples, new Set(restarts.map(({ index }) => index)))
  const buckets = toBuckets(samples, restarts, collector)
  return { samples, restarts, collector, buckets, observed: toObservations(buckets) }
}

describe('samples', () => {
  const at = [0, 60_000, 120_000, 180_000, 240_000]
  const bytes = [1e9, 1e9, undefined, 1e9, 1e9]

  it('leave out what is missing and count from the limit', () => {
    const samples = readSamples({ at, bytes, limitBytes: 4e9 })
    expect([...samples.level]).toEqual([25, 25, 25, 25])
    expect([...samples.hours]).toEqual([0, 1 / 60, 3 / 60, 4 / 60])
  })

  it('count a counter that starts again from zero', () => {
    const samples = readSamples({ at, bytes, limitBytes: 4e9, deploysTotal: [7, 9, 10, 1, 1] })
    expect([...(samples.deploys ?? [])]).toEqual([0, 2, 1, 0])
    expect([...samples.counterReset]).toEqual([0, 0, 1, 0])
  })

  it('take a series without a single value for one that is not there', () => {
    const none = at.map(() => undefined)
    const samples = readSamples({
      at,
      bytes,
      limitBytes: 4e9,
      requestsPerSecond: none,
      deploysTotal: none,
      processStartAt: none,
    })
    expect(samples).toMatchObject({ requestsPerSecond: undefined, deploys: undefined, processStartAt: undefined })
  })
})

describe('restarts', () => {
  it('are where the process start moves, however little memory that frees', () => {
    const { restarts } = observe({ restartMinutes: [200, 500] })
    expect(restarts.map(({ source }) => source)).toEqual(['process-start', 'process-start'])
  })

  it('are not where a collector frees memory again and again', () => {
    const { restarts, collector } = observe({ knowsStart: false, base: 10, collector: { minutes: 30, frees: 40 } })
    expect(restarts).toEqual([])
    expect(collector?.drops.length).toBeGreaterThan(20)
  })

  it('are not where another process counts anew and our level stays', () => {
    const series = aSeries({ knowsStart: false })
    const deploysTotal = series.at.map((_, i) => (i < 300 ? 40 : 0))
    expect(findRestarts(readSamples({ ...series, deploysTotal }))).toEqual([])
  })
})

describe('a collector', () => {
  it('has a cycle and a phase that runs from 0 to 1 in it', () => {
    const { samples, collector } = observe({ collector: { minutes: 25, frees: 15 } })
    expect(collector?.cycleHours).toBeCloseTo(25 / 60, 2)
    expect(collector?.freed).toBeGreaterThan(12)
    const phase = collector ? cyclePhase(collector, samples.hours) : new Float64Array()
    expect(phase[100]).toBeCloseTo(0, 1)
    expect(phase[112]).toBeCloseTo(0.5, 1)
  })

  it('is not seen in spikes that come down at once', () => {
    const series = aSeries({ noise: 0.1 })
    const bytes = series.bytes.map((b, i) => (i % 25 === 0 ? (b ?? 0) + LIMIT_BYTES / 10 : b))
    expect(findCollector(readSamples({ ...series, bytes }), new Set())).toBeUndefined()
  })
})

describe('buckets', () => {
  it('are about 120, each within one segment', () => {
    const { buckets } = observe({ restartMinutes: [301], deploysPerHour: 3 })
    expect(buckets.count).toBeGreaterThanOrEqual(120)
    expect(buckets.count).toBeLessThanOrEqual(123)
    expect(new Set(buckets.segment)).toEqual(new Set([0, 1]))
    expect(buckets.age[0]).toBeCloseTo(100, 0)
    expect(buckets.age[buckets.count - 1]).toBeCloseTo((720 - 301) / 60, 0)
  })

  it('pass over spikes', () => {
    const level = Float64Array.from({ length: 200 }, (_, i) => 40 + (i % 3) + (i === 77 ? 30 : 0))
    expect([...findSpikes(level).entries()].filter(([, spike]) => spike === 1)).toEqual([[77, 1]])
  })
})

describe('a step', () => {
  it('is found where the level jumps', () => {
    const { observed } = observe({ noise: 1, correlation: 0.9, step: { minute: 400, by: 12 } })
    const step = findStep(observed, [])
    expect(Math.abs((step?.from ?? 0) - Math.ceil(400 / 6))).toBeLessThanOrEqual(1)
  })

  it('shows partly in the observation in which it happens', () => {
    const { observed } = observe({})
    const { values } = stepRegressor({ from: 50, early: 0.25 }, observed)
    expect([...values.subarray(48, 52)]).toEqual([0, 0.25, 1, 1])
  })
})

describe('expected traffic', () => {
  it('is that of the same hour yesterday', () => {
    const { buckets } = observe({ minutes: 1440, traffic: { base: 100, ramp: 0, daily: 0.5 } })
    const ahead = expectTraffic(buckets)
    expect(ahead?.(6)).toBeGreaterThan(140)
    expect(ahead?.(18)).toBeLessThan(60)
    expect(ahead?.(30)).toBe(ahead?.(6))
  })

  it('is that of the last hour where the window does not reach back a day', () => {
    const { buckets } = observe({ minutes: 360, traffic: { base: 100, ramp: 1, daily: 0 } })
    expect(expectTraffic(buckets)?.(3)).toBeGreaterThan(180)
  })

  it('is unknown without traffic', () => {
    const { requestsPerSecond: _, ...series } = aSeries()
    expect(expectTraffic(toBuckets(readSamples(series), [], undefined))).toBeUndefined()
  })
})

describe('numbers', () => {
  it('solves a symmetric system with a ridge', () => {
    const matrix = new Float64Array(MOST_REGRESSORS * MOST_REGRESSORS)
    matrix[0] = 3
    matrix[MOST_REGRESSORS] = 1
    matrix[MOST_REGRESSORS + 1] = 2
    const solution = { coefficients: new Float64Array(MOST_REGRESSORS), lastInverse: 0, logDeterminant: 0 }
    expect(solveRidge(matrix, Float64Array.from([9, 8]), 2, 1, solution)).toBe(true)
    // (3+1)x + y = 9 and x + (2+1)y = 8; the determinant is 11.
    expect(solution.coefficients[0]).toBeCloseTo(19 / 11, 10)
    expect(solution.coefficients[1]).toBeCloseTo(23 / 11, 10)
    expect(solution.lastInverse).toBeCloseTo(4 / 11, 10)
    expect(solution.logDeterminant).toBeCloseTo(Math.log(11), 10)
  })

  it('refuses a singular system', () => {
    const matrix = new Float64Array(MOST_REGRESSORS * MOST_REGRESSORS)
    matrix[0] = 1
    matrix[MOST_REGRESSORS] = 1
    matrix[MOST_REGRESSORS + 1] = 1
    const solution = { coefficients: new Float64Array(MOST_REGRESSORS), lastInverse: 0, logDeterminant: 0 }
    expect(solveRidge(matrix, Float64Array.from([1, 1]), 2, 0, solution)).toBe(false)
  })

  it.each([
    [0, 0.5],
    [1.959964, 0.975],
    [-1.281552, 0.1],
  ])('knows the normal distribution at %d', (z, share) => {
    expect(normalCdf(z)).toBeCloseTo(share, 6)
  })

  it('interpolates quantiles', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(quantile([1, 2, 3, 4, 5], 0.9)).toBeCloseTo(4.6, 10)
    expect(median([])).toBeNaN()
  })
})
