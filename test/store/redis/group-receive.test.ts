import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { groupReceive } from '../../../src/store/redis/group-receive.ts'
import type { Incoming } from '../../../src/store/redis/intake.ts'

const event = (incidentId: string): Incoming => ({
  arrival: { incidentId, event: { type: 'merged-from', incidentId }, dedupKeys: [incidentId] },
  text: '{}',
  now: 0,
})

/** Answers with the incident it was given, and says how large each call was. */
function redis() {
  const sizes: number[] = []
  const receive = groupReceive(async (incoming) => {
    sizes.push(incoming.length)
    return incoming.map(({ arrival }) => ({ outcome: 'stored', incidentId: arrival.incidentId }))
  })
  return { sizes, receive }
}

it('sends what comes in one turn in one call, and gives each its own answer', async () => {
  const { sizes, receive } = redis()
  const receipts = await Promise.all(['a', 'b', 'c'].map((id) => receive(event(id))))
  expect(receipts.map(({ incidentId }) => incidentId)).toEqual(['a', 'b', 'c'])
  expect(sizes).toEqual([3])
})

it('lets nothing wait that comes seldom', async () => {
  const { sizes, receive } = redis()
  for (let index = 0; index < 10; index += 1) {
    const answer = receive(event(`${index}`))
    await turn()
    expect(sizes).toHaveLength(index + 1)
    await answer
  }
})

it('sends few calls when events keep coming, and loses none', async () => {
  const { sizes, receive } = redis()
  const answers: Promise<unknown>[] = []
  for (let index = 0; index < 300; index += 1) {
    answers.push(receive(event(`${index}`)))
    if (index % 10 === 9) await sleep(1)
    else await turn()
  }
  await Promise.all(answers)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(300)
  expect(sizes.length).toBeLessThan(100)
})

it('sends more than fit into one call in several', async () => {
  const { sizes, receive } = redis()
  await Promise.all(Array.from({ length: 300 }, (_, index) => receive(event(`${index}`))))
  expect(sizes).toEqual([128, 128, 44])
})

it('makes nobody wait for a storm that is over', async () => {
  const { receive } = redis()
  for (let round = 0; round < 100; round += 1)
    await Promise.all(Array.from({ length: 128 }, (_, index) => receive(event(`${round}-${index}`))))
  const began = performance.now()
  await receive(event('late'))
  expect(performance.now() - began).toBeLessThan(100)
})

it('rejects a whole group that could not be sent, and works again afterwards', async () => {
  let isAway = true
  const receive = groupReceive(async (incoming) => {
    if (isAway) throw new Error('Redis is away')
    return incoming.map(({ arrival }) => ({ outcome: 'stored', incidentId: arrival.incidentId }))
  })
  const answers = await Promise.allSettled([receive(event('a')), receive(event('b'))])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isAway = false
  expect(await receive(event('c'))).toEqual({ outcome: 'stored', incidentId: 'c' })
})
