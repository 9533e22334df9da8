import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

/** A Redis that has every write on its disk before it answers. */
export interface RedisServer {
  readonly url: string
  /** SIGKILL, and a new start on what its append-only file holds. */
  killAndRestart(): Promise<void>
  /** How many members a sorted set has that begin with `prefix`. */
  countMembers(key: string, prefix: string): Promise<number>
  /** Of everything in it and of what keeps it there. */
  usedBytes(): Promise<number>
  stop(): Promise<void>
}

const READY_MS = 10_000

/** Throws when there is no redis-server. */
export async function startRedis(directory: string): Promise<RedisServer> {
  await mkdir(directory, { recursive: true })
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child = await start()

  async function start(): Promise<ChildProcess> {
    const settings = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', directory, '--save', '']
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']
    const started = spawn('redis-server', [...settings, ...durable], { stdio: 'ignore' })
    process.once('exit', () => void started.kill('SIGKILL'))
    await new Promise<void>((resolve, reject) => {
      started.once('spawn', resolve)
      started.once('error', (error) =>
        reject(new Error('There is no redis-server; install one to run this part.', { cause: error })),
      )
    })
    return started
  }

  async function kill(): Promise<void> {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  async function asked<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null, connectTimeout: READY_MS })
    redis.on('error', () => undefined)
    try {
      return await question(redis)
    } finally {
      redis.disconnect()
    }
  }

  async function ready(): Promise<void> {
    const end = Date.now() + READY_MS
    while (Date.now() < end) {
      const isUp = await asked((redis) => redis.ping()).then(
        () => true,
        () => false,
      )
      if (isUp) return
      await sleep(20)
    }
    throw new Error('Redis did not become ready')
  }

  await ready()
  return {
    url,
    async killAndRestart() {
      await kill()
      child = await start()
    },
    countMembers: (key, prefix) =>
      asked(async (redis) => (await redis.zrange(key, 0, '-1')).filter((member) => member.startsWith(prefix)).length),
    usedBytes: () =>
      asked(async (redis) => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? Number.NaN)),
    stop: kill,
  }
}

function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
