import { startRealRedis } from '../../parts/redis/real-redis.ts'
import type { Chronicle } from '../chronicle.ts'
import { recordsAt, troublesOf } from './redis-troubles.ts'
import type { Storage } from './storage.ts'

/** One real Redis that forgets nothing that it acknowledged: every write is on the disk before its answer. */
export async function redisStorage(chronicle: Chronicle): Promise<Storage> {
  const redis = await startRealRedis({ config: { appendfsync: 'always' } })
  return {
    kind: 'redis',
    env: { REDIS_URL: redis.url },
    ...troublesOf(
      async () => redis,
      () => redis.stop(),
      chronicle,
    ),
    ...recordsAt(redis.url),
  }
}
