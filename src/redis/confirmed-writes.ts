import { Cluster } from 'ioredis'
import type { RedisClient } from './clients.ts'
import { isRedirection, replyCode, unconfirmed } from './explain.ts'
import type { RedisArgument } from './run-script.ts'
import type { Script } from './script.ts'

interface Write {
  readonly script: Script
  /** Number of keys, keys, arguments. */
  readonly rest: readonly RedisArgument[]
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  /** It was refused once by a server that then did nothing. */
  readonly again: boolean
}

type Outcome = readonly [Error | null, unknown]

/** A write waits for the group before it and for its own, so two of these must be within what a call may take. */
const CONFIRM_WITHIN_MS = 500

/**
 * Runs scripts on a connection of their own, and resolves each only once a replica has what it wrote. One group of writes at a time, and what comes in
 * meanwhile is the next: they share one wait. Writes and wait go in one piece, so that what is confirmed is what this very server was given.
 */
export function confirmedWrites(
  client: RedisClient,
  name: string,
): (script: Script, rest: readonly RedisArgument[]) => Promise<unknown> {
  // A script is sent in full until this server has run it: being told that it does not know it would cost a wait.
  const known = new Set<string>()
  for (const event of ['close', '-node']) client.on(event, () => known.clear())
  let waiting: Write[] = []
  let working = false

  async function work(): Promise<void> {
    working = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await settle(group)
    }
    working = false
  }

  async function settle(group: readonly Write[]): Promise<void> {
    try {
      const outcomes = await send(client, group, known)
      const isConfirmed = outcomeOf(outcomes[group.length]) > 0
      for (const [index, write] of group.entries()) {
        const [error, result] = outcomes[index] ?? [new Error('Redis gave no answer'), undefined]
        if (error !== null) {
          failed(write, error)
          continue
        }
        known.add(write.script.sha)
        if (isConfirmed) write.resolve(result)
        else write.reject(unconfirmed(name))
      }
      if (outcomes.some(([error]) => isRedirection(error))) await findOutWhoHasThem()
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  /** What a server refused without doing anything goes into the next group, once. */
  function failed(write: Write, error: Error): void {
    const isUnknown = replyCode(error) === 'NOSCRIPT'
    if (isUnknown) known.delete(write.script.sha)
    if (!write.again && (isUnknown || isRedirection(error))) waiting.push({ ...write, again: true })
    else write.reject(error)
  }

  async function findOutWhoHasThem(): Promise<void> {
    if (client instanceof Cluster) await new Promise((resolve) => client.refreshSlotsCache(resolve))
  }

  return (script, rest) =>
    new Promise((resolve, reject) => {
      waiting.push({ script, rest, resolve, reject, again: false })
      if (!working) void work()
    })
}

async function send(
  client: RedisClient,
  group: readonly Write[],
  known: ReadonlySet<string>,
): Promise<readonly Outcome[]> {
  const calls = group.map(({ script, rest }) =>
    known.has(script.sha) ? ['evalsha', script.sha, ...rest] : ['eval', script.lua, ...rest],
  )
  return (await client.pipeline([...calls, ['wait', 1, CONFIRM_WITHIN_MS]]).exec()) ?? []
}

/** How many replicas have confirmed. Throws where that was not answered. */
function outcomeOf(outcome: Outcome | undefined): number {
  if (outcome === undefined) throw new Error('Redis gave no answer to WAIT')
  const [error, replicas] = outcome
  if (error !== null) throw error
  return Number(replicas)
}
