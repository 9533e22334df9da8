import { inProcessJobs } from '../jobs/in-process/in-process-jobs.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { RunCoordinator } from '../ops/schedule.ts'
import type { Logger } from '../pipeline/ports.ts'
import type { RedisClients } from '../redis/clients.ts'
import type { ReplicaCount } from '../redis/replica-count.ts'

export interface WakeUpsOptions {
  /** What replicas share; undefined for a bot that works alone. */
  readonly redis: { readonly clients: RedisClients; readonly prefix: string } | undefined
  /** This replica. */
  readonly owner: string
  readonly now: () => number
  /** Of the records, without which nothing can be handled. */
  readonly probe: () => Promise<unknown>
  readonly log: Logger
}

/** How work is begun: by this process for itself, or by whichever replica has room. */
export interface WakeUps {
  readonly jobs: Jobs
  /** Elects a replica for scheduled work that one of them can do for all; undefined for a bot that works alone. */
  readonly coordinator: RunCoordinator | undefined
  readonly replicas: ReplicaCount
}

const ALONE: ReplicaCount = { current: () => 1, stop: async () => undefined }
/** Keys of one kind that a bot handles at the same time. */
const CONCURRENCY = 64
/** Keys of all kinds that one replica handles at the same time: more than there are cards that may wait for Slack, so that a press finds room beside them. */
const CONCURRENCY_OF_REPLICA = 128

export async function openWakeUps({ redis, owner, now, probe, log }: WakeUpsOptions): Promise<WakeUps> {
  const onError = (key: string, error: unknown): void =>
    log.error({ err: error, key }, 'Job failed and will be tried again')
  if (redis === undefined)
    return { jobs: inProcessJobs({ concurrency: CONCURRENCY, now, onError }), coordinator: undefined, replicas: ALONE }
  const { bullmqJobs } = await import('../jobs/bullmq/bullmq-jobs.ts')
  const { countReplicas } = await import('../redis/replica-count.ts')
  const { redisRunCoordinator } = await import('../redis/run-coordinator.ts')
  const onTrouble = (error: unknown): void =>
    log.warn({ err: error }, 'Redis takes no wake-ups; what is due is found by the next look')
  const { prefix } = redis
  const client = redis.clients.client('commands')
  return {
    jobs: bullmqJobs({ ...redis, concurrency: CONCURRENCY_OF_REPLICA, now, probe, onError, onTrouble }),
    coordinator: redisRunCoordinator({ client, prefix, owner }),
    replicas: countReplicas({ client, prefix, owner }),
  }
}
