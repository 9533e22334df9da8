import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisAddress } from '../../../src/config/redis-url.ts'
import { readRedisUrl } from '../../../src/config/redis-url.ts'
import { openRedisClients, type RedisEvent } from '../../../src/redis/clients.ts'
import { openRedisStore } from '../../../src/store/redis/open.ts'
import type { Store } from '../../../src/store/store.ts'

let opened = 0

export function addressOf(url: string): RedisAddress {
  const address = readRedisUrl(url)
  if (typeof address === 'string') throw new Error(address)
  return address
}

/** A store with these records; nobody has to wait until it is connected. */
export function openStoreAt(url: string, prefix: string, onEvent: (event: RedisEvent) => void = () => {}): Store {
  return openRedisStore({ clients: openRedisClients({ address: addressOf(url) }, onEvent), prefix })
}

/** An empty store that can be closed and opened again: of a prefix of its own, so that tests can share a server. */
export async function temporaryRedisStore(url: string): Promise<{
  readonly store: Store
  readonly prefix: string
  readonly reopen: () => Promise<Store>
  readonly close: () => Promise<void>
}> {
  opened += 1
  const prefix = `test-${process.pid}-${opened}`
  let current = openStoreAt(url, prefix)
  await answering(current)
  return {
    store: current,
    prefix,
    reopen: async () => {
      await current.close()
      current = openStoreAt(url, prefix)
      await answering(current)
      return current
    },
    close: () => current.close(),
  }
}

/** Waits until the store answers. Throws its last reason when it does not within `withinMs`. */
export async function answering(store: Store, withinMs = 10_000): Promise<void> {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await store.probe()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(5)
    }
  }
}
