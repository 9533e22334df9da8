import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../../src/store/store.ts'
import type { RealRedis } from '../../parts/redis/real-redis.ts'
import { answering, openStoreAt } from '../../parts/redis/temporary-redis-store.ts'
import type { Chronicle } from '../chronicle.ts'
import type { Storage } from './storage.ts'

/** Hash tag of incbot's keys. */
const PREFIX = 'incbot'

/** What can happen to a server: to that one, of several, which is the master by then. */
export function troublesOf(
  master: () => Promise<RealRedis>,
  stop: () => Promise<void>,
  chronicle: Chronicle,
): Pick<Storage, 'kill' | 'freeze' | 'restart' | 'stop'> {
  const turns = inTurn()
  const happens = (what: string, work: (redis: RealRedis) => Promise<void>): Promise<void> =>
    turns(async () => {
      const redis = await master()
      chronicle.note(undefined, `--- Redis ${redis.port} is ${what} ---`)
      await work(redis)
      chronicle.note(undefined, `--- Redis ${redis.port} is back ---`)
    })
  return {
    kill: (downMs) =>
      happens('killed', async (redis) => {
        await redis.kill()
        await sleep(downMs)
        await redis.start()
      }),
    freeze: (ms) =>
      happens(`frozen for ${ms} ms`, async (redis) => {
        redis.signal('SIGSTOP')
        await sleep(ms)
        redis.signal('SIGCONT')
      }),
    restart: () =>
      happens('restarted in order', async (redis) => {
        await shutDown(redis)
        // Gone by now, or about to be.
        await redis.kill()
        await redis.start()
      }),
    stop: () => turns(stop),
  }
}

/** Looks into the records that the bots share. */
export function recordsAt(url: string): Pick<Storage, 'open' | 'due'> {
  const open = async (): Promise<Store> => {
    const store = openStoreAt(url, PREFIX)
    await answering(store)
    return store
  }
  return {
    open,
    async due() {
      const store = await open()
      try {
        return JSON.stringify(await store.due(Date.now(), 20))
      } finally {
        await store.close()
      }
    },
  }
}

/** One thing at a time happens to Redis: what is dead cannot be frozen. */
function inTurn(): (work: () => Promise<void>) => Promise<void> {
  let before: Promise<void> = Promise.resolve()
  return (work) => {
    const mine = before.then(work)
    before = mine.catch(() => undefined)
    return mine
  }
}

/** Asks it to end, and resolves when it has closed the connection. */
function shutDown({ port }: RealRedis): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write('SHUTDOWN\r\n'))
    socket.once('error', reject)
    socket.once('close', () => resolve())
    socket.resume()
  })
}
