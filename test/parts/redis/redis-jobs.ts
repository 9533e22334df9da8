import { bullmqJobs } from '../../../src/jobs/bullmq/bullmq-jobs.ts'
import type { Jobs } from '../../../src/jobs/jobs.ts'
import { openRedisClients } from '../../../src/redis/clients.ts'
import type { RealRedis } from './real-redis.ts'
import { addressOf } from './temporary-redis-store.ts'

export interface Trouble {
  readonly key?: string
  readonly error: unknown
}

/** One replica's jobs on a real Redis, with what it complained about. */
export function jobsOn(
  redis: Pick<RealRedis, 'url'>,
  options: {
    readonly concurrency?: number
    readonly probe?: () => Promise<unknown>
    readonly onError?: (key: string, error: unknown) => void
  } = {},
): { readonly jobs: Jobs; readonly troubles: readonly Trouble[] } {
  const troubles: Trouble[] = []
  const clients = openRedisClients({ address: addressOf(redis.url) }, () => undefined)
  const jobs = bullmqJobs({
    clients,
    prefix: 'incbot',
    concurrency: 8,
    probe: async () => undefined,
    onError: (key, error) => void troubles.push({ key, error }),
    onTrouble: (error) => void troubles.push({ error }),
    ...options,
  })
  const stop = async (graceMs: number): Promise<void> => {
    await jobs.stop(graceMs)
    clients.close()
  }
  return { jobs: { ...jobs, stop }, troubles }
}
