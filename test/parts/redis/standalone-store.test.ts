import { afterAll, beforeAll } from '@jest/globals'
import { durableStoreContract } from '../../contract/store/restart.ts'
import { storeContract } from '../../contract/store-contract.ts'
import { type RealRedis, startRealRedis } from './real-redis.ts'
import { temporaryRedisStore } from './temporary-redis-store.ts'

let redis: RealRedis
beforeAll(async () => {
  redis = await startRealRedis({ config: { appendfsync: 'always' } })
})
afterAll(() => redis.stop())

const open = () => temporaryRedisStore(redis.url)
storeContract('the Redis store on one server', open)
durableStoreContract('the Redis store on one server', open)
