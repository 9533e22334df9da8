import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { DeadlineError, within } from '../../src/ops/deadline.ts'

it('the result in time is the result', async () => {
  expect(await within(100, async () => 5)).toBe(5)
})

it('an error in time is the error', async () => {
  await expect(within(100, () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError)
})

it('what comes too late is a DeadlineError, its signal is aborted, and its own error disturbs nobody', async () => {
  let aborted = false
  const late = within(20, async (signal) => {
    await wait(50)
    aborted = signal.aborted
    throw new Error('late')
  })
  await expect(late).rejects.toThrow(DeadlineError)
  await wait(60)
  expect(aborted).toBe(true)
})
