import { describe, expect, it } from '@jest/globals'
import { analyzeMemory } from '../../../src/analysis/memory/index.ts'
import { aSeries, LIMIT_BYTES, type Story, WINDOW_START } from './a-series.ts'

const percent = (bytes: number | undefined) => ((bytes ?? Number.NaN) / LIMIT_BYTES) * 100

describe('what leaks', () => {
  it.each<[string, Partial<Story>, string, string]>([
    ['a steady leak', { perHour: 2 }, 'time', 'leak-over-time'],
    ['a leak that begins late', { perHour: 4, onsetHour: 6 }, 'time', 'leak-over-time'],
    ['a leak under a collector', { perHour: 2, collector: { minutes: 25, frees: 10 } }, 'time', 'leak-over-time'],
    ['a leak per deploy', { perDeploy: 1.5, deploysPerHour: 1.5 }, 'deploys', 'leak-per-deploy'],
    [
      'a leak per deploy across a restart',
      { perDeploy: 1.5, deploysPerHour: 2, restartMinutes: [300], warmUp: 5, base: 30 },
      'deploys',
      'leak-per-deploy',
    ],
    [
      'a leak per request when traffic jumps about',
      { perMillionRequests: 0.8, traffic: { base: 500, ramp: 0, daily: 0.6 } },
      'requests',
      'leak-per-request',
    ],
    ['a leak across a restart', { perHour: 2.5, restartMinutes: [300], warmUp: 5 }, 'time', 'leak-over-time'],
    ['a leak seen through gaps', { perHour: 2, missing: 0.3 }, 'time', 'leak-over-time'],
  ])('confirms %s and names its driver', (_, story, driver, explanation) => {
    const verdict = analyzeMemory(aSeries(story))
    expect(verdict).toMatchObject({ verdict: 'confirmed', driver, explanation })
  })

  it.each([1, 2, 3, 4, 5])('measures the rate within 10 % (seed %i)', (seed) => {
    expect(Math.abs(percent(analyzeMemory(aSeries({ seed, perHour: 2 })).bytesPerHour) - 2)).toBeLessThan(0.2)
  })

  it('measures what a deploy retains, with an interval that holds the truth', () => {
    const verdict = analyzeMemory(aSeries({ perDeploy: 1.5, deploysPerHour: 3, base: 20 }))
    expect(Math.abs(percent(verdict.bytesPerDeploy) - 1.5)).toBeLessThan(0.15)
    expect(percent(verdict.bytesPerDeployInterval?.low)).toBeLessThan(1.5)
    expect(percent(verdict.bytesPerDeployInterval?.high)).toBeGreaterThan(1.5)
    expect(verdict.deploysLeft).toBeCloseTo((100 - verdict.share * 100) / 1.5, -1)
  })

  it('takes the pace of late where deploys come faster since the restart', () => {
    const { bytesPerDeploy, bytesPerHour, hoursToLimit, wholeWindowBytesPerHour, deploys } = analyzeMemory(
      frozenFleet(),
    )
    expect(Math.abs((bytesPerDeploy ?? 0) / 0.5e9 - 1)).toBeLessThan(0.05)
    expect(deploys).toBe(48)
    expect(Math.abs(bytesPerHour / 6e9 - 1)).toBeLessThan(0.1)
    expect(hoursToLimit).toBeLessThan(0.2)
    // Somebody who drew a line through it all would have said this, and been wrong.
    expect(wholeWindowBytesPerHour).toBeLessThan(3e9)
  })

  it('says how long the limit is away', () => {
    const verdict = analyzeMemory(aSeries({ perHour: 3, base: 30, minutes: 600 }))
    // 30 + 10 h · 3 = 60 now, so 40 are left at 3 an hour.
    expect(verdict.hoursToLimit).toBeGreaterThan(12.5)
    expect(verdict.hoursToLimit).toBeLessThan(14.5)
    expect(verdict.hoursToLimitInterval?.low).toBeLessThan(40 / 3)
    expect(verdict.hoursToLimitInterval?.high).toBeGreaterThan(40 / 3)
  })

  it('does not say how long a limit is away that is weeks away', () => {
    expect(analyzeMemory(aSeries({ perHour: 0.15, noise: 0.05, minutes: 1440 })).hoursToLimit).toBeUndefined()
  })

  it('says that drivers cannot be told apart when deploys come like clockwork', () => {
    const series = aSeries({ perHour: 2 })
    const deploysTotal = series.at.map((_, i) => Math.floor(i / 5))
    expect(analyzeMemory({ ...series, deploysTotal })).toMatchObject({
      verdict: 'confirmed',
      driver: 'cannot-separate',
    })
  })
})

describe('what only looks like a leak', () => {
  it.each<[string, Partial<Story>, string]>([
    ['a level line', {}, 'flat'],
    ['slow wander', { noise: 2, correlation: 0.97 }, 'flat'],
    ['a warm-up', { coldStart: true, warmUp: 25, warmUpMinutes: 30 }, 'warm-up'],
    ['a warm-up after a restart', { restartMinutes: [300], warmUp: 25, warmUpMinutes: 30 }, 'warm-up'],
    ['growing traffic', { traffic: { base: 500, ramp: 1, daily: 0 }, perRequestRate: 0.04 }, 'traffic'],
    [
      'a day of traffic',
      { traffic: { base: 500, ramp: 0, daily: 0.5 }, perRequestRate: 0.03, minutes: 1440 },
      'traffic',
    ],
    ['a collector', { collector: { minutes: 25, frees: 15 } }, 'collector'],
    ['harmless deploys', { deploysPerHour: 2 }, 'flat'],
    ['one step of the level', { step: { minute: 400, by: 12 } }, 'level-shift'],
  ])('does not even suspect %s', (_, story, explanation) => {
    const verdict = analyzeMemory(aSeries(story))
    expect(verdict).toMatchObject({ verdict: 'none', explanation })
    expect(verdict).not.toHaveProperty('hoursToLimit')
    expect(verdict.bytesPerHour).toBe(0)
  })

  it('tells a filling cache from a leak by its evictions', () => {
    const series = aSeries({ coldStart: true, perDeploy: 3, deploysPerHour: 0.8, base: 20 })
    const evictionsTotal = series.at.map(() => 0)
    expect(analyzeMemory({ ...series, evictionsTotal }).verdict).not.toBe('confirmed')
    expect(analyzeMemory({ ...series, evictionsTotal: series.deploysTotal ?? [] })).toMatchObject({
      verdict: 'confirmed',
      driver: 'deploys',
    })
  })
})

describe('a cache of known size whose evictions are not counted', () => {
  it('may fill, and leaks when it grows beyond its size', () => {
    const series = aSeries({ coldStart: true, perDeploy: 3, deploysPerHour: 1, base: 20 })
    expect(analyzeMemory({ ...series, cacheMaxSize: 100 }).verdict).not.toBe('confirmed')
    expect(analyzeMemory({ ...series, cacheMaxSize: 2 })).toMatchObject({ verdict: 'confirmed', driver: 'deploys' })
  })
})

describe('what is said whatever the verdict', () => {
  it('finds restarts by the start time, and what they freed', () => {
    const verdict = analyzeMemory(aSeries({ perHour: 3, restartMinutes: [360] }))
    expect(verdict.restarts).toHaveLength(1)
    expect(verdict.restarts[0]).toMatchObject({ at: WINDOW_START + 360 * 60_000, source: 'process-start' })
    expect(percent((verdict.restarts[0]?.beforeBytes ?? 0) - (verdict.restarts[0]?.afterBytes ?? 0))).toBeCloseTo(
      18,
      -0.5,
    )
    expect(verdict.segments).toHaveLength(2)
  })

  it('finds restarts by the level where nothing else tells', () => {
    const { processStartAt: _, deploysTotal: __, ...series } = aSeries({ perHour: 5, base: 20, restartMinutes: [480] })
    expect(analyzeMemory(series).restarts).toMatchObject([{ source: 'level' }])
  })

  it('finds restarts by counters that start again', () => {
    const { processStartAt: _, ...series } = aSeries({ perHour: 2, restartMinutes: [360], deploysPerHour: 1 })
    expect(analyzeMemory(series).restarts).toMatchObject([{ source: 'counter-reset' }])
  })

  it('states the naive slope beside the real one, so that a hidden restart shows as a contradiction', () => {
    const verdict = analyzeMemory(aSeries({ perHour: 4, base: 20, restartMinutes: [360] }))
    expect(percent(verdict.wholeWindowBytesPerHour)).toBeLessThan(2.2)
    expect(percent(verdict.bytesPerHour)).toBeGreaterThan(3.6)
  })

  it('counts the deploys since the last restart', () => {
    const series = aSeries({ restartMinutes: [360], deploysPerHour: 2 })
    const last = series.deploysTotal?.at(-1) ?? 0
    expect(analyzeMemory(series).deploys).toBe(last)
  })
})

/** 32 GB, 0.5 GB kept per deploy: one deploy in 24 minutes for six hours, a restart, then one in five minutes for four hours. */
function frozenFleet() {
  const { at } = aSeries({ minutes: 600 })
  const deploysTotal = at.map((_, minute) => (minute < 360 ? Math.floor(minute / 24) : Math.floor((minute - 359) / 5)))
  const bytes = deploysTotal.map((deploys, minute) => 7.5e9 + deploys * 0.5e9 + (minute % 3) * 2e7)
  const processStartAt = at.map((_, minute) => WINDOW_START + (minute < 360 ? -5 : 360) * 60_000)
  return { at, bytes, deploysTotal, processStartAt, limitBytes: LIMIT_BYTES }
}
