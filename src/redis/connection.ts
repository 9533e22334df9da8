import { redisName } from '../config/redis-url.ts'
import { within } from '../ops/deadline.ts'
import type { RedisClients } from './clients.ts'
import { confirmedWrites } from './confirmed-writes.ts'
import { explainedRedisError } from './explain.ts'
import { watchReplicas } from './replicas.ts'
import { type RedisArgument, runScript } from './run-script.ts'
import type { Script } from './script.ts'

/**
 * What the records are kept by. Every call ends within two seconds, whatever becomes of Redis, and rejects with a StoreError whose text is for people.
 * A call that is rejected may have been carried out.
 */
export interface RedisConnection {
  /** Which Redis, for texts. */
  readonly name: string
  /** One command, such as `call('GET', key)`. */
  call(command: string, ...args: readonly RedisArgument[]): Promise<unknown>
  /** Runs a script. */
  run(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>
  /** Runs a script; where there are replicas, resolves only once one of them has it too, so that a failover cannot lose it. */
  runConfirmed(script: Script, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown>
  /** What the server says about itself. Rejects where it is not allowed to say. */
  info(section: string): Promise<string>
  setting(name: string): Promise<string | undefined>
  stop(): void
}

const ENDS_WITHIN_MS = 1_800

/** `key` is any key of the records: it says where they lie in a Cluster. */
export function redisConnection(clients: RedisClients, key: string): RedisConnection {
  const name = redisName(clients.settings.address)
  const client = clients.client('commands')
  // Whoever waits for a replica keeps the connection for so long, so that others have their own.
  const confirming = clients.client('commands')
  const replicas = watchReplicas(confirming, key)
  const write = confirmedWrites(confirming, name)
  let lastError: unknown
  for (const one of [client, confirming]) {
    one.on('error', (error: unknown) => {
      lastError = error
    })
    one.on('ready', () => {
      lastError = undefined
    })
  }

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await within(ENDS_WITHIN_MS, work)
    } catch (error) {
      throw explainedRedisError(error, name, lastError)
    }
  }

  const asked = async (...command: readonly [string, ...RedisArgument[]]): Promise<unknown> => {
    const [, answer] = (await client.pipeline([['exists', key], [...command]]).exec()) ?? []
    if (answer === undefined) throw new Error('Redis gave no answer')
    if (answer[0] !== null) throw answer[0]
    return answer[1]
  }

  return {
    name,
    call: (command, ...args) => bounded(() => client.call(command, ...args)),
    run: (script, keys, args) => bounded(() => runScript(client, script, [keys.length, ...keys, ...args])),
    runConfirmed: (script, keys, args) =>
      bounded(async () => {
        const rest = [keys.length, ...keys, ...args]
        return (await replicas.present()) ? write(script, rest) : runScript(client, script, rest)
      }),
    info: (section) => bounded(async () => String(await asked('info', section))),
    setting: (setting) =>
      bounded(async () => {
        const answer = await asked('config', 'get', setting)
        return Array.isArray(answer) && answer.length === 2 ? String(answer[1]) : undefined
      }),
    stop: () => replicas.stop(),
  }
}
