import { type Job, Queue, UnrecoverableError, Worker } from 'bullmq'
import type { RedisClient, RedisClients } from '../../redis/clients.ts'
import { within } from '../grace.ts'
import type { JobHandler, Jobs } from '../jobs.ts'
import { retryDelayMs } from '../retry-delay.ts'
import { createFitness } from './fitness.ts'
import { type Lasting, lasting } from './opened.ts'
import { createSender } from './sender.ts'

export interface BullmqJobsOptions {
  readonly clients: Pick<RedisClients, 'client'>
  /** Hash tag of all keys, so that they lie in one slot of a Redis Cluster. */
  readonly prefix: string
  /** How many keys this replica handles at the same time; others take what is left. */
  readonly concurrency: number
  readonly now?: () => number
  /** Resolves while this replica can handle keys; asked once a handler threw. */
  readonly probe: () => Promise<unknown>
  /** A handler threw, or there is none for the key. */
  readonly onError: (key: string, error: unknown) => void
  /** Redis is in trouble; what is lost is found by the sweep. */
  readonly onTrouble: (error: unknown) => void
}

const QUEUE = 'wake-ups'
/** How long a replica that is gone keeps its keys: as long as an incident's lease, found by the next look. */
const LOCK_MS = 10_000
const LOOK_FOR_DEAD_MS = 5_000
/** Different keys and alarms that may be on their way to Redis. */
const ON_THEIR_WAY = 1_000
/** How soon a key is offered to all replicas again that one of them could not handle because it can handle nothing, */
const OFFER_AGAIN_MS = 1_000
/** and how often that one asks whether it can. */
const ASK_AGAIN_MS = 1_000
/** Practically for ever: a wake-up is only given up when nobody here knows the key's prefix. */
const ALWAYS = 1_000_000_000
/** A Redis that is away must not hold up the end: BullMQ waits for it as long as it takes. */
const GOODBYE_MS = 2_000
/** Nobody reads BullMQ's stream of events. */
const EVENTS_KEPT = 100

const WAKE = 'wake'
const RING = 'ring'

interface WakeUp {
  readonly key: string
}

class UnfitError extends Error {
  constructor() {
    super('This replica can handle nothing just now')
  }
}

/**
 * Wake-ups through one BullMQ queue that all replicas share: whoever has room takes the next key. A key has at most one job that waits,
 * rests or runs; one that is woken while it runs is kept, and runs once more (deduplication, keeping the last if active). An alarm is a
 * delayed job that wakes its key. A handler that throws is run again after 1 s, then 2 s, up to every 60 s; where it threw because its replica can
 * handle nothing, that one takes no keys until it can, and another has this one after a second.
 *
 * A key of a replica that died or hung is handled again by another, at most 15 s later; if it only hung, the two overlap, and leases and
 * fences in the store decide. Nothing piles up in Redis: a job is gone when it has ended.
 * https://docs.bullmq.io/guide/jobs/deduplication
 */
export function bullmqJobs({
  clients,
  prefix,
  concurrency,
  now = Date.now,
  probe,
  onError,
  onTrouble,
}: BullmqJobsOptions): Jobs {
  const queueClient = clients.client('queue')
  const queue = lasting(() =>
    new Queue<WakeUp>(QUEUE, {
      connection: queueClient,
      prefix: `{${prefix}}`,
      streams: { events: { maxLen: EVENTS_KEPT } },
      defaultJobOptions: {
        attempts: ALWAYS,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
      },
    }).on('error', onTrouble),
  )
  const sender = createSender({ limit: ON_THEIR_WAY, onFailure: onTrouble })
  const running = new Map<string, { again: boolean; readonly ended: Promise<void> }>()
  let workerClient: RedisClient | undefined
  let worker: Lasting<Worker<WakeUp>> | undefined
  const fitness = createFitness({
    probe,
    askAgainMs: ASK_AGAIN_MS,
    onUnfit: () => void worker?.current().pause(true),
    onFit: () => void worker?.current().resume(),
  })
  let stopped = false

  const addWake = (key: string) =>
    queue.current().add(WAKE, { key }, { deduplication: { id: key, keepLastIfActive: true } })

  function wake(key: string): void {
    if (!stopped) sender.send(key, () => addWake(key))
  }

  function wakeAt(key: string, at: number): void {
    const delay = Math.ceil(at - now())
    // One for each time: the earlier counts because both ring, and the later one finds nothing to do.
    const jobId = `${at}-${Buffer.from(key).toString('base64url')}`
    if (delay <= 0) wake(key)
    else if (!stopped) sender.send(jobId, () => queue.current().add(RING, { key }, { jobId, delay }))
  }

  async function work(job: Job<WakeUp>, handlers: Readonly<Record<string, JobHandler>>): Promise<void> {
    const { key } = job.data
    if (job.name === RING) {
      await addWake(key)
      return
    }
    const already = running.get(key)
    if (already) {
      // This process was so busy that Redis thought it dead, and gave it its own key again.
      already.again = true
      return
    }
    const handled = handle(key, handlers[key.split(':', 1)[0] ?? ''])
    running.set(key, { again: false, ended: handled.catch(() => undefined) })
    try {
      await handled
    } finally {
      const again = running.get(key)?.again
      running.delete(key)
      if (again) wake(key)
    }
  }

  /** What went wrong is told here and kept out of Redis: it may name things that only the log should hold. */
  async function handle(key: string, handler: JobHandler | undefined): Promise<void> {
    if (!handler) {
      onError(key, new TypeError(`No handler takes the key "${key}".`))
      throw new UnrecoverableError('No handler')
    }
    try {
      await handler(key)
    } catch (error) {
      onError(key, error)
      throw (await fitness.isFit()) ? new Error('The handler failed') : new UnfitError()
    }
  }

  return {
    wake,
    wakeAt,
    start(handlers) {
      const connection = clients.client('worker')
      workerClient = connection
      worker = lasting(() =>
        new Worker<WakeUp>(QUEUE, (job) => work(job, handlers), {
          connection,
          prefix: `{${prefix}}`,
          concurrency,
          lockDuration: LOCK_MS,
          stalledInterval: LOOK_FOR_DEAD_MS,
          maxStalledCount: ALWAYS,
          settings: {
            backoffStrategy: (failures, _type, error) =>
              error instanceof UnfitError ? OFFER_AGAIN_MS : retryDelayMs(failures),
          },
        }).on('error', onTrouble),
      )
    },
    async stop(graceMs) {
      stopped = true
      fitness.stop()
      queue.stop()
      worker?.stop()
      // Takes no more, and resolves once Redis knows what has ended. What it is not told of is handled once more, by another replica.
      const told = Promise.all([worker?.current().pause(), sender.settled()]).catch(() => undefined)
      await within(graceMs, Promise.all([...running.values()].map(({ ended }) => ended)))
      await within(Math.min(graceMs, GOODBYE_MS), told)
      await within(GOODBYE_MS, Promise.resolve(worker?.current().close(true)))
      workerClient?.disconnect()
      queueClient.disconnect()
    },
    async depth() {
      const { wait = 0, active = 0 } = await queue.current().getJobCounts('wait', 'active')
      return wait + active
    },
  }
}
