import { describe, expect, it } from '@jest/globals'
import { analyzeMemory } from '../../../src/analysis/memory/index.ts'
import { aSeries, type Story } from './a-series.ts'

/** Small changes in strongly correlated noise: what people cannot see in a graph. */
const NOISY: Partial<Story> = { noise: 1.5, correlation: 0.95, minutes: 720, missing: 0.03 }
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1)

const verdicts = (story: Partial<Story>) => SEEDS.map((seed) => analyzeMemory(aSeries({ ...NOISY, ...story, seed })))
const share = (story: Partial<Story>, ...wanted: string[]) =>
  verdicts(story).filter(({ verdict }) => wanted.includes(verdict)).length / SEEDS.length

describe('in noise, over 40 series each', () => {
  it.each<[string, Partial<Story>]>([
    ['of 1 % an hour', { perHour: 1 }],
    ['of 1 % an hour under a collector', { perHour: 1, collector: { minutes: 30, frees: 10 } }],
    ['of 2 % an hour that sets in halfway', { perHour: 2, onsetHour: 6 }],
    ['of 0.8 % a deploy', { perDeploy: 0.8, deploysPerHour: 1.5 }],
    ['of 1.6 % an hour across a restart', { perHour: 1.6, restartMinutes: [300], warmUp: 6 }],
  ])('a leak %s is at least suspected nine times in ten', (_, story) => {
    expect(share(story, 'confirmed', 'suspected')).toBeGreaterThanOrEqual(0.9)
  })

  it.each<[string, Partial<Story>]>([
    ['nothing', {}],
    ['a warm-up', { coldStart: true, warmUp: 25, warmUpMinutes: 40 }],
    ['a restart', { restartMinutes: [300], warmUp: 20, warmUpMinutes: 25 }],
    ['growing traffic', { traffic: { base: 500, ramp: 1, daily: 0 }, perRequestRate: 0.04 }],
    ['a day of traffic', { traffic: { base: 500, ramp: 0, daily: 0.5 }, perRequestRate: 0.03 }],
    ['a collector', { collector: { minutes: 30, frees: 10 } }],
    ['harmless deploys', { deploysPerHour: 2 }],
    ['a step', { step: { minute: 400, by: 10 } }],
  ])('%s is hardly ever taken for a leak', (_, story) => {
    expect(share(story, 'confirmed')).toBeLessThanOrEqual(0.05)
  })

  it('the interval of the time to the limit holds the truth about as often as it says', () => {
    const truths = verdicts({ perHour: 3, base: 30 }).filter(({ verdict }) => verdict === 'confirmed')
    // 30 + 12 h · 3 = 66, so 34 are left at 3 an hour.
    const held = truths.filter(
      ({ hoursToLimitInterval: interval }) => interval && interval.low <= 34 / 3 && interval.high >= 34 / 3,
    )
    expect(held.length / truths.length).toBeGreaterThanOrEqual(0.7)
  })
})
