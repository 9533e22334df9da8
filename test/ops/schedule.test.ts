import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { validate } from 'node-cron'
import { cronEvery, startSchedule } from '../../src/ops/schedule.ts'
import { aLog } from '../fakes/log.ts'

describe('an interval by the clock', () => {
  it.each([
    [300_000, '0 */5 * * * *'],
    [60_000, '0 */1 * * * *'],
    [420_000, '0 */6 * * * *'],
    [90_000, '0 */1 * * * *'],
    [45_000, '*/30 * * * * *'],
    [1_000, '*/1 * * * * *'],
    [10, '*/1 * * * * *'],
    [3_600_000, '0 0 */1 * * *'],
    [5 * 3_600_000, '0 0 */4 * * *'],
    [24 * 3_600_000, '0 0 0 * * *'],
    [90 * 3_600_000, '0 0 0 * * *'],
  ])('of %i ms is %s', (ms, expression) => {
    expect(cronEvery(ms)).toBe(expression)
    expect(validate(expression)).toBe(true)
  })
})

describe('scheduled work', () => {
  it('runs at once, again by the clock, and not after it was stopped', async () => {
    let runs = 0
    const schedule = startSchedule({
      name: 'x',
      everyMs: 1_000,
      log: aLog(),
      run: async () => {
        runs += 1
      },
    })
    await wait(10)
    expect(runs).toBe(1)
    await wait(2_100)
    expect(runs).toBeGreaterThanOrEqual(3)
    await schedule.stop()
    const before = runs
    await wait(1_100)
    expect(runs).toBe(before)
  })

  it('never runs twice at the same time, and is waited for when stopped', async () => {
    let running = 0
    let most = 0
    let ended = false
    const schedule = startSchedule({
      name: 'x',
      everyMs: 1_000,
      log: aLog(),
      run: async (signal) => {
        most = Math.max(most, ++running)
        await wait(60_000, undefined, { signal }).catch(() => undefined)
        await wait(30)
        running -= 1
        ended = true
      },
    })
    await wait(1_200)
    await schedule.stop()
    expect([most, ended]).toEqual([1, true])
  })

  it('that fails is logged and comes again', async () => {
    const log = aLog()
    let runs = 0
    const schedule = startSchedule({
      name: 'x',
      everyMs: 1_000,
      log,
      run: () => {
        runs += 1
        throw new Error('not now')
      },
    })
    while (runs < 2) await wait(20)
    await schedule.stop()
    expect(log.messages('error')).toEqual(['Scheduled work failed', 'Scheduled work failed'])
  })
})
