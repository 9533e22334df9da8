import { Worker } from 'node:worker_threads'

/** What came of a storm of webhooks. */
export interface Rain {
  /** ms since the epoch. */
  readonly began: number
  readonly ended: number
  /** Sent, repetitions included, and what they told of. */
  readonly webhooks: number
  readonly events: number
  /** How often each status was answered; 0 where there was no answer. */
  readonly statuses: Readonly<Record<string, number>>
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
}

/** Sends signed webhooks at a steady rate, from a thread of its own; resolves when each was taken. */
export function pour(storm: {
  readonly url: string
  readonly secret: string
  readonly perSecond: number
  readonly seconds: number
  readonly services: number
  /** The first of them. */
  readonly firstService?: number
  /** In the ids of its incidents and events. */
  readonly name?: string
}): Promise<Rain> {
  const worker = new Worker(new URL('rain.mjs', import.meta.url), { workerData: storm })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
