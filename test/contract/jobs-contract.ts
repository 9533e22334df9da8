import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { JobHandler, Jobs } from '../../src/jobs/jobs.ts'

export interface OpenedJobs {
  readonly jobs: Jobs
  readonly close: () => Promise<void>
}

export interface JobsOptions {
  readonly concurrency: number
  readonly onError: (key: string, error: unknown) => void
}

/** A handler whose runs are seen and ended by the test. */
function controlled() {
  const begun: string[] = []
  const gates: { readonly key: string; readonly end: () => void }[] = []
  let active = 0
  let mostAtOnce = 0
  const handler: JobHandler = async (key) => {
    begun.push(key)
    active += 1
    mostAtOnce = Math.max(mostAtOnce, active)
    await new Promise<void>((resolve) => {
      gates.push({ key, end: resolve })
    })
    active -= 1
  }
  return {
    handler,
    begun,
    mostAtOnce: () => mostAtOnce,
    /** Ends the oldest run. */
    end: () => gates.shift()?.end(),
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('It did not happen within 5 s.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const quiet = (ms = 150) => new Promise((resolve) => setTimeout(resolve, ms))

/** What everything that wakes handlers keeps, within one process. Times are real: a queue in another process has its own clock. */
export function jobsContract(name: string, open: (options: JobsOptions) => Promise<OpenedJobs>): void {
  describe(`${name} keep the contract of jobs:`, () => {
    let opened: OpenedJobs
    let jobs: Jobs
    let errors: { readonly key: string; readonly error: unknown }[]
    beforeEach(async () => {
      errors = []
      opened = await open({ concurrency: 2, onError: (key, error) => errors.push({ key, error }) })
      jobs = opened.jobs
    })
    afterEach(() => opened.close())

    it('a woken key is handled by the handler of its prefix', async () => {
      const seen: string[] = []
      jobs.start({
        incident: async (key) => void seen.push(`incident handler: ${key}`),
        project: async (key) => void seen.push(`project handler: ${key}`),
      })
      jobs.wake('incident:pd-Q1:with:colons')
      jobs.wake('project:pd-Q1')
      await until(() => seen.length === 2)
      expect(seen.sort()).toEqual(['incident handler: incident:pd-Q1:with:colons', 'project handler: project:pd-Q1'])
    })

    it('what was woken before the start is handled after it', async () => {
      const { handler, begun, end } = controlled()
      jobs.wake('incident:a')
      await quiet(50)
      expect(begun).toEqual([])
      jobs.start({ incident: handler })
      await until(() => begun.length === 1)
      end()
    })

    it('a key that is woken while it runs runs once more afterwards, however often it was woken', async () => {
      const { handler, begun, mostAtOnce, end } = controlled()
      jobs.start({ incident: handler })
      jobs.wake('incident:a')
      await until(() => begun.length === 1)
      for (let times = 0; times < 5; times += 1) jobs.wake('incident:a')
      await quiet()
      expect(begun).toHaveLength(1)
      end()
      await until(() => begun.length === 2)
      end()
      await quiet()
      expect([begun.length, mostAtOnce()]).toEqual([2, 1])
    })

    it('different keys run at the same time, as many as configured', async () => {
      const { handler, begun, mostAtOnce, end } = controlled()
      jobs.start({ incident: handler })
      for (const key of ['a', 'b', 'c', 'd']) jobs.wake(`incident:${key}`)
      await until(() => begun.length === 2)
      await quiet()
      expect(begun).toHaveLength(2)
      while (begun.length < 4) {
        const before = begun.length
        end()
        await until(() => begun.length > before)
      }
      end()
      end()
      expect(mostAtOnce()).toBe(2)
      expect([...begun].sort()).toEqual(['incident:a', 'incident:b', 'incident:c', 'incident:d'])
    })

    it.each([
      ['later one first', [60_000, 0]],
      ['earlier one first', [0, 60_000]],
    ])('an alarm rings at its time, and of two for one key the earlier counts: %s', async (_order, delays) => {
      const rung: number[] = []
      jobs.start({ incident: async () => void rung.push(Date.now()) })
      const at = Date.now() + 200
      for (const delayMs of delays) jobs.wakeAt('incident:a', at + delayMs)
      await until(() => rung.length > 0)
      expect(rung[0]).toBeGreaterThanOrEqual(at)
    })

    it('an alarm for a time that has passed rings at once', async () => {
      const { handler, begun, end } = controlled()
      jobs.start({ incident: handler })
      jobs.wakeAt('incident:a', Date.now() - 60_000)
      await until(() => begun.length > 0)
      end()
      expect(begun).toEqual(['incident:a'])
    })

    it('a handler that throws is reported and run again, and others do not wait for it', async () => {
      let attempts = 0
      const others: string[] = []
      jobs.start({
        broken: async () => {
          attempts += 1
          if (attempts === 1) throw new Error('out of reach')
        },
        incident: async (key) => void others.push(key),
      })
      jobs.wake('broken:a')
      await until(() => errors.length === 1)
      jobs.wake('incident:b')
      await until(() => others.length === 1)
      expect(attempts).toBe(1)
      expect(errors).toEqual([{ key: 'broken:a', error: expect.objectContaining({ message: 'out of reach' }) }])
      await until(() => attempts === 2)
    })

    it('a key that no handler takes is reported, once', async () => {
      jobs.start({ incident: async () => undefined })
      jobs.wake('typo:a')
      await until(() => errors.length === 1)
      expect(errors[0]).toMatchObject({ key: 'typo:a', error: expect.any(TypeError) })
      await quiet()
      expect(errors).toHaveLength(1)
    })

    it('stopping waits for what runs and begins nothing more', async () => {
      const { handler, begun, end } = controlled()
      jobs.start({ incident: handler })
      for (const key of ['a', 'b', 'c']) jobs.wake(`incident:${key}`)
      jobs.wakeAt('incident:d', Date.now() + 50)
      await until(() => begun.length === 2)
      let stopped = false
      const stopping = jobs.stop(5000).then(() => {
        stopped = true
      })
      await quiet()
      expect(stopped).toBe(false)
      end()
      end()
      await stopping
      jobs.wake('incident:e')
      await quiet()
      expect(begun).toHaveLength(2)
    })

    it('stopping gives up on what hangs after the grace', async () => {
      const { handler, begun, end } = controlled()
      jobs.start({ incident: handler })
      jobs.wake('incident:a')
      await until(() => begun.length === 1)
      const before = Date.now()
      await jobs.stop(100)
      expect(Date.now() - before).toBeLessThan(3000)
      end()
    })

    it('its depth counts what waits and what runs', async () => {
      const { handler, begun, end } = controlled()
      jobs.start({ incident: handler })
      for (const key of ['a', 'b', 'c']) jobs.wake(`incident:${key}`)
      await until(() => begun.length === 2)
      expect(await jobs.depth()).toBe(3)
      end()
      await until(() => begun.length === 3)
      end()
      end()
      await until(async () => (await jobs.depth()) === 0)
    })
  })
}
