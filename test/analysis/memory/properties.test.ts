import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { analyzeMemory, type MemorySeries, type MemoryVerdict } from '../../../src/analysis/memory/index.ts'
import { aSeries, type Story } from './a-series.ts'

const stories: fc.Arbitrary<Partial<Story>> = fc.record({
  seed: fc.nat(),
  minutes: fc.constantFrom(90, 240, 480, 1440),
  stepMinutes: fc.constantFrom(1, 2, 5),
  base: fc.constantFrom(5, 30, 60),
  noise: fc.constantFrom(0, 0.3, 2),
  correlation: fc.constantFrom(0, 0.7, 0.97),
  perHour: fc.constantFrom(0, 0.5, 4),
  perDeploy: fc.constantFrom(0, 1),
  deploysPerHour: fc.constantFrom(0, 1, 6),
  warmUp: fc.constantFrom(0, 10),
  coldStart: fc.boolean(),
  restartMinutes: fc.constantFrom([], [60], [60, 80], [70, 75, 80, 85]),
  knowsStart: fc.boolean(),
  collector: fc.constantFrom(undefined, { minutes: 20, frees: 12 }),
  missing: fc.constantFrom(0, 0.1, 0.6, 0.98),
})

const RUNS = { numRuns: 60 }

describe('for any series', () => {
  it('holds only finite numbers, within their bounds', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const verdict = analyzeMemory(aSeries(story))
        expect(notFinite(verdict)).toEqual([])
        expect(verdict.confidence).toBeGreaterThanOrEqual(0.03)
        expect(verdict.confidence).toBeLessThanOrEqual(0.97)
        expect(verdict.hoursToLimitInterval?.low ?? 0).toBeLessThanOrEqual(verdict.hoursToLimit ?? 0)
      }),
      RUNS,
    )
  })

  it('holds only finite numbers for arbitrary garbage', () => {
    const value = fc.option(fc.double({ min: -1e12, max: 1e12 }), { nil: undefined })
    const garbage = fc.integer({ min: 0, max: 80 }).chain((length) => {
      const values = fc.array(value, { minLength: length, maxLength: length })
      return fc.record({
        at: fc
          .array(fc.integer({ min: 1, max: 1e7 }), { minLength: length, maxLength: length })
          .map((gaps) => running(gaps)),
        bytes: values,
        limitBytes: fc.constantFrom(0, 1, 1e9, Number.NaN),
        requestsPerSecond: values,
        deploysTotal: values,
        evictionsTotal: values,
        processStartAt: values,
      })
    })
    fc.assert(
      fc.property(garbage, (series) => {
        expect(notFinite(analyzeMemory(series))).toEqual([])
      }),
      { numRuns: 300, endOnFailure: true },
    )
  })

  it('says the same twice', () => {
    fc.assert(
      fc.property(stories, (story) => {
        expect(analyzeMemory(aSeries(story))).toEqual(analyzeMemory(aSeries(story)))
      }),
      RUNS,
    )
  })

  it('says the same in other units, with its bytes in those units', () => {
    fc.assert(
      fc.property(stories, fc.constantFrom(2 ** -20, 2, 2 ** 10), (story, factor) => {
        const series = aSeries(story)
        const scaled = {
          ...series,
          bytes: series.bytes.map((b) => b && b * factor),
          limitBytes: series.limitBytes * factor,
        }
        const [plain, other] = [analyzeMemory(series), analyzeMemory(scaled)]
        expect(unitless(other)).toEqual(unitless(plain))
        expect(other.bytesPerHour).toBeCloseTo(plain.bytesPerHour * factor, 6)
      }),
      RUNS,
    )
  })

  it('says the same a whole number of days later', () => {
    fc.assert(
      fc.property(stories, fc.integer({ min: -400, max: 400 }), (story, days) => {
        const series = aSeries(story)
        const move = (at: number | undefined) => (at === undefined ? undefined : at + days * 86_400_000)
        const moved: MemorySeries = {
          ...series,
          at: series.at.map((at) => at + days * 86_400_000),
          ...(series.processStartAt ? { processStartAt: series.processStartAt.map(move) } : {}),
        }
        expect(unitless(analyzeMemory(moved))).toEqual(unitless(analyzeMemory(series)))
      }),
      RUNS,
    )
  })
})

describe('for a series that says too little', () => {
  it.each<[string, Partial<MemorySeries>]>([
    ['nothing', { at: [], bytes: [] }],
    ['one sample', { at: [0], bytes: [5e8] }],
    ['only missing samples', { at: [0, 60_000, 120_000], bytes: [undefined, undefined, undefined] }],
    ['ten samples', { at: ramp(10, 60_000), bytes: ramp(10, 1e7) }],
    ['no limit', { at: ramp(300, 60_000), bytes: ramp(300, 1e6), limitBytes: 0 }],
  ])('says so: %s', (_, series) => {
    expect(analyzeMemory({ at: [], bytes: [], limitBytes: 1e9, ...series })).toMatchObject({
      verdict: 'insufficient',
      explanation: 'insufficient',
      confidence: 0.03,
    })
  })

  it('finds nothing in a constant', () => {
    const at = ramp(720, 60_000)
    expect(analyzeMemory({ at, bytes: at.map(() => 4e8), limitBytes: 1e9 })).toMatchObject({
      verdict: 'none',
      explanation: 'flat',
      levelBytes: 4e8,
      share: 0.4,
    })
  })
})

function ramp(count: number, by: number): number[] {
  return Array.from({ length: count }, (_, i) => i * by)
}

function running(gaps: readonly number[]): number[] {
  let sum = 0
  return gaps.map((gap) => {
    sum += gap
    return sum
  })
}

/** The paths of all numbers that are not finite. */
function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [path]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => notFinite(inner, `${path}.${key}`))
}

/** What must not depend on units or on the date; rounding may differ in the last digits. */
function unitless({
  verdict,
  confidence,
  driver,
  explanation,
  share,
  deploys,
  deploysLeft,
  hoursToLimit,
}: MemoryVerdict) {
  const round = (value: number | undefined) => value && Number(value.toPrecision(6))
  return {
    verdict,
    confidence: round(confidence),
    driver,
    explanation,
    share: round(share),
    deploys,
    deploysLeft,
    hoursToLimit: round(hoursToLimit),
  }
}
