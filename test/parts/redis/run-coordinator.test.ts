import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { startSchedule } from '../../../src/ops/schedule.ts'
import { redisRunCoordinator } from '../../../src/redis/run-coordinator.ts'
import { aLog } from '../../fakes/log.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis()
})
afterAll(() => redis.stop())

it('runs each slot of a schedule once, however many replicas there are, and none while nobody can be asked', async () => {
  const clients = [0, 1, 2].map(() => new Redis(redis.url, { commandTimeout: 500, maxRetriesPerRequest: 0 }))
  const slots: string[] = []
  let counting = false
  const schedules = clients.map((client, index) => {
    client.on('error', () => undefined)
    return startSchedule({
      name: 'tick',
      everyMs: 1_000,
      log: aLog(),
      coordinator: redisRunCoordinator({ client, prefix: 'incbot', owner: `replica-${index}` }),
      run: async () => {
        // Long enough that a slot which was given back would be run again.
        if (counting) slots.push(new Date().toISOString().slice(0, 19))
        await sleep(Math.random() * 50)
      },
    })
  })
  try {
    // Between two slots, so that their number is known.
    await sleep(1_500 - (Date.now() % 1_000))
    counting = true
    await sleep(10_000)
    counting = false
    expect(slots).toHaveLength(10)
    expect(new Set(slots).size).toBe(10)
    await redis.kill()
    await sleep(100)
    counting = true
    await sleep(2_000)
    expect(slots).toHaveLength(10)
  } finally {
    await Promise.all(schedules.map((schedule) => schedule.stop()))
    for (const client of clients) client.disconnect()
  }
}, 60_000)
