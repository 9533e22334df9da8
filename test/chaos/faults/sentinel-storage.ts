import { startWatchedRedis } from '../../parts/redis/redis-groups.ts'
import type { Chronicle } from '../chronicle.ts'
import { recordsAt, troublesOf } from './redis-troubles.ts'
import type { Storage } from './storage.ts'

/**
 * A master and a replica that three Sentinels watch: what happens to the master for more than a second makes the replica one. A server without a replica
 * takes nothing in, as the documentation asks for: after a failover there are two masters for a while, and what the old one takes in then is lost.
 */
export async function sentinelStorage(chronicle: Chronicle): Promise<Storage> {
  const redis = await startWatchedRedis({ 'min-replicas-to-write': '1' })
  const master = async () => ((await redis.masterPort()) === redis.replica.port ? redis.replica : redis.master)
  return {
    kind: 'sentinel',
    env: { REDIS_URL: redis.url },
    ...troublesOf(master, () => redis.stop(), chronicle),
    ...recordsAt(redis.url),
  }
}
