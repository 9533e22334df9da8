import { getEventListeners } from 'node:events'
import { expect, it } from '@jest/globals'
import { answered } from '../../src/remediations/answered.ts'

/** More than Node lets listen to one signal before it warns of a leak. */
const MANY = Array.from({ length: 30 }, (_, index) => index)

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

it('many questions under one signal listen each to a signal of its own, and to none when they have an answer', async () => {
  const { signal } = new AbortController()
  const own: AbortSignal[] = []
  let answer: (value: string) => void = () => undefined
  const later = new Promise<string>((resolve) => {
    answer = resolve
  })
  const all = MANY.map(() =>
    answered(signal, (mine) => {
      own.push(mine)
      return later
    }),
  )
  expect(own.map(listeners)).toEqual(MANY.map(() => 1))
  expect(listeners(signal)).toBe(0)
  answer('yes')
  expect(await Promise.all(all)).toEqual(MANY.map(() => 'yes'))
  expect(own.map(listeners)).toEqual(MANY.map(() => 0))
})

it('all of them end with the signal, with its reason', async () => {
  const ending = new AbortController()
  const all = MANY.map(() => answered(ending.signal, () => new Promise(() => undefined)))
  const reason = new Error('no longer wanted')
  ending.abort(reason)
  expect(await Promise.allSettled(all)).toEqual(MANY.map(() => ({ status: 'rejected', reason })))
})
