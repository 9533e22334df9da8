import type { RedisClient } from './clients.ts'
import { replyCode } from './explain.ts'
import type { Script } from './script.ts'

export type RedisArgument = string | number

/** By its hash, and in full where the server has not seen it yet. `rest`: number of keys, keys, arguments. */
export async function runScript(client: RedisClient, script: Script, rest: readonly RedisArgument[]): Promise<unknown> {
  try {
    return await client.call('evalsha', script.sha, ...rest)
  } catch (error) {
    if (replyCode(error) !== 'NOSCRIPT') throw error
    return client.call('eval', script.lua, ...rest)
  }
}
