import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type RealRedis, startRealRedis } from './real-redis.ts'

const run = promisify(execFile)

const ALWAYS = { appendfsync: 'always' }
const SETTLED_MS = 20_000

/** What a server answers to one command, as redis-cli prints it. */
export async function ask(port: number, ...command: readonly string[]): Promise<string> {
  const { stdout } = await run('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...command])
  return stdout.trim()
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + SETTLED_MS
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`Not within ${SETTLED_MS} ms: ${what}`)
    await sleep(50)
  }
}

/** A master with one replica. */
export interface ReplicatedRedis {
  readonly master: RealRedis
  readonly replica: RealRedis
  readonly stop: () => Promise<void>
}

/** `config` is more of both servers' redis.conf. */
export async function startReplicatedRedis(config: Readonly<Record<string, string>> = {}): Promise<ReplicatedRedis> {
  const master = await startRealRedis({ config: { ...ALWAYS, ...config } })
  const replica = await startRealRedis({ config: { ...ALWAYS, ...config, replicaof: `127.0.0.1 ${master.port}` } })
  const stop = async (): Promise<void> => {
    await Promise.all([master.stop(), replica.stop()])
  }
  await until('the replica is online', async () => /state=online/.test(await ask(master.port, 'info', 'replication')))
  return { master, replica, stop }
}

/** A master, a replica and three Sentinels, two of which must agree that the master is gone. */
export interface WatchedRedis extends ReplicatedRedis {
  readonly url: string
  /** The port of whom the Sentinels hold for the master now. */
  readonly masterPort: () => Promise<number>
}

export async function startWatchedRedis(config: Readonly<Record<string, string>> = {}): Promise<WatchedRedis> {
  const redis = await startReplicatedRedis(config)
  const sentinels = await Promise.all([1, 2, 3].map(() => startRealRedis({ sentinel: true })))
  const [first] = sentinels
  if (first === undefined) throw new Error('There are no Sentinels')
  for (const { port } of sentinels) {
    await ask(port, 'sentinel', 'monitor', 'incbot', '127.0.0.1', String(redis.master.port), '2')
    for (const [name, ms] of [
      ['down-after-milliseconds', '1000'],
      ['failover-timeout', '5000'],
    ] as const)
      await ask(port, 'sentinel', 'set', 'incbot', name, ms)
  }
  for (const { port } of sentinels)
    await until('the Sentinels know each other and the replica', async () => {
      const known = await ask(port, 'sentinel', 'master', 'incbot')
      return /num-other-sentinels\n2/.test(known) && /num-slaves\n1/.test(known)
    })
  return {
    ...redis,
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/incbot`,
    masterPort: async () =>
      Number((await ask(first.port, 'sentinel', 'get-master-addr-by-name', 'incbot')).split('\n')[1]),
    stop: async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()))
      await redis.stop()
    },
  }
}

/** Three masters of a Cluster without replicas. */
export interface ClusteredRedis {
  readonly url: string
  readonly stop: () => Promise<void>
}

export async function startClusteredRedis(): Promise<ClusteredRedis> {
  const nodes = await Promise.all(
    [1, 2, 3].map(() => startRealRedis({ config: { ...ALWAYS, 'cluster-enabled': 'yes' } })),
  )
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  await run('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-yes'])
  for (const { port } of nodes)
    await until('the Cluster is whole', async () => /cluster_state:ok/.test(await ask(port, 'cluster', 'info')))
  return {
    url: `redis+cluster://${addresses.join(',')}`,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}
