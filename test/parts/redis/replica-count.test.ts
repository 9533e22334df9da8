import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openRedisClients } from '../../../src/redis/clients.ts'
import { countReplicas } from '../../../src/redis/replica-count.ts'
import { until } from '../../fakes/world.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { addressOf } from './temporary-redis-store.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis()
})
afterAll(() => redis.stop())

function replica(owner: string) {
  const clients = openRedisClients({ address: addressOf(redis.url) }, () => undefined)
  return { clients, count: countReplicas({ client: clients.client('commands'), prefix: 'incbot', owner }) }
}

it('counts who is there, forgets who ended at once and who died soon, and keeps what it knew while Redis is away', async () => {
  const [one, two, dying] = ['one', 'two', 'dying'].map(replica)
  if (one === undefined || two === undefined || dying === undefined) throw new Error('Three were made')
  try {
    await until('all are counted', () => [one, two, dying].every(({ count }) => count.current() === 3), 10_000)
    // As a kill -9 does: nothing is said any more, to nobody.
    dying.clients.close()
    await until('who died is forgotten', () => one.count.current() === 2, 20_000)
    redis.signal('SIGSTOP')
    await sleep(5_000)
    expect(one.count.current()).toBe(2)
    redis.signal('SIGCONT')
    await two.count.stop()
    await until('who ended is not counted', () => one.count.current() === 1, 20_000)
  } finally {
    redis.signal('SIGCONT')
    for (const { clients, count } of [one, two, dying]) {
      await count.stop()
      clients.close()
    }
  }
}, 60_000)
