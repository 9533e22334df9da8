import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { inProcessJobs } from '../../../src/jobs/in-process/in-process-jobs.ts'
import { jobsContract } from '../../contract/jobs-contract.ts'

jobsContract('in-process jobs', async (options) => {
  const jobs = inProcessJobs(options)
  return { jobs, close: () => jobs.stop(0) }
})

describe('in-process jobs over time', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.UTC(2026, 0, 13) })
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  const DAY_MS = 86_400_000
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms)

  it('handle keys in the order in which they were woken; one that is woken again goes to the end', async () => {
    const order: string[] = []
    const jobs = inProcessJobs({ concurrency: 1, onError: () => undefined })
    jobs.start({
      incident: async (key) => {
        order.push(key.slice('incident:'.length))
        if (order.length < 3) jobs.wake('incident:busy')
      },
    })
    for (const key of ['busy', 'b', 'busy', 'c']) jobs.wake(`incident:${key}`)
    await pass(1)
    expect(order).toEqual(['busy', 'b', 'c', 'busy'])
  })

  it('let no kind of key wait for another: projections that wait for Slack hold up no incident', async () => {
    const handled: string[] = []
    const jobs = inProcessJobs({ concurrency: 2, onError: () => undefined })
    jobs.start({
      projection: async (key) => {
        handled.push(key)
        await new Promise((resolve) => setTimeout(resolve, 8_000))
      },
      incident: async (key) => {
        handled.push(key)
      },
    })
    for (const key of ['projection:a', 'projection:b', 'projection:c', 'incident:d']) jobs.wake(key)
    await pass(1)
    expect(handled).toEqual(['projection:a', 'projection:b', 'incident:d'])
    expect(await jobs.depth()).toBe(3)
    await pass(8_001)
    expect(handled.at(-1)).toBe('projection:c')
  })

  it('wait longer after every failure, up to a minute, and briefly again after a success', async () => {
    const start = Date.now()
    const attempts: number[] = []
    let broken = true
    const jobs = inProcessJobs({ concurrency: 1, onError: () => undefined })
    jobs.start({
      incident: async () => {
        attempts.push((Date.now() - start) / 1000)
        if (broken) throw new Error('out of reach')
      },
    })
    jobs.wake('incident:a')
    await pass(190_000)
    expect(attempts).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183])
    broken = false
    await pass(60_000)
    broken = true
    jobs.wake('incident:a')
    await pass(1000)
    expect(attempts.slice(9)).toEqual([243, 250, 251])
  })

  it('let wake-ups of a failed key wait for its retry, so that a flood of them does not hammer', async () => {
    let attempts = 0
    const jobs = inProcessJobs({
      concurrency: 1,
      onError: () => undefined,
    })
    jobs.start({
      incident: async () => {
        attempts += 1
        jobs.wake('incident:a')
        throw new Error('out of reach')
      },
    })
    jobs.wake('incident:a')
    await pass(0)
    for (let times = 0; times < 100; times += 1) {
      jobs.wake('incident:a')
      await pass(9)
    }
    expect(attempts).toBe(1)
    await pass(100)
    expect(attempts).toBe(2)
  })

  it.each([20, 30, 100])('ring an alarm in %d days, which is more than one timer can wait', async (days) => {
    const rung: number[] = []
    const jobs = inProcessJobs({ concurrency: 1, onError: () => undefined })
    jobs.start({ incident: async () => void rung.push(Date.now()) })
    const at = Date.now() + days * DAY_MS
    jobs.wakeAt('incident:a', at)
    await pass(days * DAY_MS - 1)
    expect(rung).toEqual([])
    await pass(1)
    expect(rung).toEqual([at])
  })

  it('wait on when the clock was set back meanwhile', async () => {
    const rung: string[] = []
    let behindMs = 0
    const jobs = inProcessJobs({ concurrency: 1, now: () => Date.now() - behindMs, onError: () => undefined })
    jobs.start({ incident: async (key) => void rung.push(key) })
    jobs.wakeAt('incident:a', Date.now() + 1000)
    behindMs = 5000
    await pass(5999)
    expect(rung).toEqual([])
    await pass(1)
    expect(rung).toEqual(['incident:a'])
  })

  it('stop without waiting when nothing runs, and leave no timer behind', async () => {
    const jobs = inProcessJobs({ concurrency: 1, onError: () => undefined })
    jobs.start({ incident: () => Promise.reject(new Error('out of reach')) })
    jobs.wake('incident:a')
    jobs.wakeAt('incident:b', Date.now() + DAY_MS)
    await pass(0)
    expect(jest.getTimerCount()).toBe(2)
    await jobs.stop(1000)
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('the timers of in-process jobs', () => {
  it('do not keep the process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
    const before = timers()
    const jobs = inProcessJobs({ concurrency: 1, onError: () => undefined })
    jobs.wakeAt('incident:a', Date.now() + 60_000)
    expect(timers()).toBe(before)
    await jobs.stop(0)
  })
})
