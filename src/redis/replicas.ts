import type { RedisClient } from './clients.ts'

/** Whether whoever holds the records has replicas just now. */
export interface Replicas {
  /** Looks where it is not known. Rejects where that cannot be found out. */
  present(): Promise<boolean>
  stop(): void
}

/** Replicas that come are waited for from then on, and ones that are gone are not waited for any more, after this time at most. */
const LOOK_EVERY_MS = 2_000

/** `key` lies where the records are, in a Cluster. A connection that was lost may come back to another server: then it is looked again. */
export function watchReplicas(client: RedisClient, key: string): Replicas {
  let known: boolean | undefined
  const forget = (): void => {
    known = undefined
  }
  for (const event of ['close', '-node']) client.on(event, forget)

  async function look(): Promise<boolean> {
    const text = await infoOf(client, key, 'replication')
    known = /^slave\d+:.*state=online/m.test(text)
    return known
  }

  const timer = setInterval(() => {
    if (known !== undefined) look().catch(forget)
  }, LOOK_EVERY_MS).unref()
  return {
    present: async () => known ?? look(),
    stop: () => clearInterval(timer),
  }
}

/** INFO of the server that `key` lies on: a Cluster would ask any of its servers. */
export async function infoOf(client: RedisClient, key: string, section: string): Promise<string> {
  const [, info] =
    (await client
      .pipeline([
        ['exists', key],
        ['info', section],
      ])
      .exec()) ?? []
  if (info === undefined) throw new Error('Redis gave no answer to INFO')
  const [error, text] = info
  if (error !== null) throw error
  return String(text)
}
