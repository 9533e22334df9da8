import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { createFitness, type Fitness } from '../../../src/jobs/bullmq/fitness.ts'

const ASK_AGAIN_MS = 1_000

describe('the fitness of a replica', () => {
  let isWell: boolean
  let asked: number
  let heard: string[]
  let fitness: Fitness
  beforeEach(() => {
    jest.useFakeTimers()
    isWell = true
    asked = 0
    heard = []
    fitness = createFitness({
      probe: async () => {
        asked += 1
        if (!isWell) throw new Error('no')
      },
      askAgainMs: ASK_AGAIN_MS,
      onUnfit: () => heard.push('unfit'),
      onFit: () => heard.push('fit'),
    })
  })
  afterEach(() => {
    fitness.stop()
    jest.useRealTimers()
  })

  it('is nobody’s concern while it is fit', async () => {
    expect(await fitness.isFit()).toBe(true)
    await jest.advanceTimersByTimeAsync(10 * ASK_AGAIN_MS)
    expect([asked, heard]).toEqual([1, []])
  })

  it('is asked for once by many who fail together', async () => {
    isWell = false
    expect(await Promise.all([fitness.isFit(), fitness.isFit(), fitness.isFit()])).toEqual([false, false, false])
    expect([asked, heard]).toEqual([1, ['unfit']])
  })

  it('is asked for again and again until it is back', async () => {
    isWell = false
    await fitness.isFit()
    await jest.advanceTimersByTimeAsync(3 * ASK_AGAIN_MS)
    expect([asked, heard.includes('fit')]).toEqual([4, false])
    isWell = true
    await jest.advanceTimersByTimeAsync(ASK_AGAIN_MS)
    expect(heard.at(-1)).toBe('fit')
    await jest.advanceTimersByTimeAsync(10 * ASK_AGAIN_MS)
    expect([asked, heard.filter((one) => one === 'fit')]).toEqual([5, ['fit']])
  })

  it('is not asked for once all is over', async () => {
    isWell = false
    await fitness.isFit()
    fitness.stop()
    isWell = true
    await jest.advanceTimersByTimeAsync(10 * ASK_AGAIN_MS)
    expect([asked, heard]).toEqual([1, ['unfit']])
  })
})
