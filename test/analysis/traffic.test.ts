import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { TrafficMoment } from '../../src/analysis/traffic.ts'
import { hysteresis } from '../../src/analysis/traffic.ts'

/** Stretches of so many minutes at a load with a share of errors, one after the other. */
function history(
  ...stretches: readonly (readonly [minutes: number, rps: number, errorShare: number])[]
): TrafficMoment[] {
  return stretches
    .flatMap(([minutes, requestsPerSecond, errorShare]) =>
      Array.from({ length: minutes }, () => ({ requestsPerSecond, errorShare })),
    )
    .map((one, index) => ({ ...one, at: index * 60_000 }))
}

describe('the same load before and now', () => {
  it.each([
    ['fails now, was fine', history([600, 12_000, 0], [60, 12_500, 1]), 'same_rps_now_fails'],
    ['is fine, was fine', history([600, 12_000, 0], [60, 12_500, 0]), 'same_rps_still_fine'],
    [
      'fails now, failed last night, too',
      history([100, 12_000, 0.4], [60, 6_000, 0], [60, 12_000, 0.5]),
      'same_rps_failed_before',
    ],
    [
      'failed during the outage, though more is asked now',
      history([600, 12_000, 0], [30, 12_000, 1], [30, 25_000, 1]),
      'same_rps_now_fails',
    ],
    [
      'a minute without errors in the outage ends nothing',
      history([600, 12_000, 0], [30, 12_000, 1], [1, 12_000, 0], [30, 12_000, 1]),
      'same_rps_now_fails',
    ],
    [
      'a minute with errors last night is no outage',
      history([300, 12_000, 0], [1, 12_000, 1], [300, 12_000, 0]),
      'same_rps_still_fine',
    ],
    ['was never seen before', history([600, 12_000, 0], [60, 25_000, 1]), undefined],
    ['was seen for three minutes only', history([600, 6_000, 0], [3, 12_000, 0], [60, 12_000, 1]), undefined],
    ['nothing is asked any more', history([600, 12_000, 0], [60, 0, 0]), undefined],
    ['nothing is known', [], undefined],
  ])('%s', (_what, moments, signal) => {
    expect(hysteresis(moments)?.signal).toBe(signal)
  })

  it('states the load, the shares and the onset', () => {
    expect(hysteresis(history([600, 11_800, 0.001], [60, 12_000, 0.98], [20, 25_000, 1]))).toEqual({
      ...{ signal: 'same_rps_now_fails', requestsPerSecond: 12_000, at: 659 * 60_000 },
      ...{ errorShare: 0.98, errorShareBefore: 0.001, onset: 600 * 60_000 },
    })
  })

  it('is judged alike whatever the clock says and whatever unit loads are counted in', () => {
    const stretch = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(0, 100, 105, 250),
      fc.constantFrom(0, 0.02, 0.5, 1),
    )
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 6 }), fc.integer({ min: 0, max: 1e9 }), (stretches, shift) => {
        const moments = history(...stretches)
        const moved = moments.map((one) => ({
          ...one,
          at: one.at + shift,
          requestsPerSecond: one.requestsPerSecond * 4,
        }))
        expect(hysteresis(moved)?.signal).toBe(hysteresis(moments)?.signal)
        expect(hysteresis(moved)?.errorShareBefore).toBe(hysteresis(moments)?.errorShareBefore)
      }),
    )
  })
})
