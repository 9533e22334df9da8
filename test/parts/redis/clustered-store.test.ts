import { afterAll, beforeAll } from '@jest/globals'
import { durableStoreContract } from '../../contract/store/restart.ts'
import { storeContract } from '../../contract/store-contract.ts'
import { type ClusteredRedis, startClusteredRedis } from './redis-groups.ts'
import { temporaryRedisStore } from './temporary-redis-store.ts'

let cluster: ClusteredRedis
beforeAll(async () => {
  cluster = await startClusteredRedis()
}, 60_000)
afterAll(() => cluster.stop())

const open = () => temporaryRedisStore(cluster.url)
storeContract('the Redis store in a Cluster', open)
durableStoreContract('the Redis store in a Cluster', open)
