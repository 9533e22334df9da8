import { afterAll, beforeAll } from '@jest/globals'
import { Redis } from 'ioredis'
import { jobsContract } from '../../contract/jobs-contract.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { jobsOn } from './redis-jobs.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis()
})
afterAll(() => redis.stop())

jobsContract('BullMQ jobs', async (options) => {
  const admin = new Redis(redis.url)
  await admin.flushall()
  admin.disconnect()
  const { jobs } = jobsOn(redis, options)
  return { jobs, close: () => jobs.stop(0) }
})
