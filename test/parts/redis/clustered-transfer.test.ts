import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { openRedisClients } from '../../../src/redis/clients.ts'
import { openRedisTarget } from '../../../src/store/redis/import.ts'
import { openRedisSource } from '../../../src/store/redis/open-records.ts'
import { liveThrough } from '../../contract/store/history.ts'
import { importedInto, linesOf } from '../../store/transfer/movers.ts'
import { type ClusteredRedis, startClusteredRedis } from './redis-groups.ts'
import { addressOf, temporaryRedisStore } from './temporary-redis-store.ts'

let cluster: ClusteredRedis
beforeAll(async () => {
  cluster = await startClusteredRedis()
}, 60_000)
afterAll(() => cluster.stop())

it('moves records within a Cluster, from one slot to others, and clears there what was cut off', async () => {
  const clients = () => openRedisClients({ address: addressOf(cluster.url) }, () => {})
  const { store, prefix, close } = await temporaryRedisStore(cluster.url)
  await liveThrough(store)
  await close()
  const lines = await linesOf(await openRedisSource(clients(), prefix))
  // Prefixes that lie in different slots, on different servers too.
  for (const to of ['a', 'b', 'c', 'd']) {
    const target = openRedisTarget(clients(), to)
    await target.prepare()
    await target.begin()
    await target.write([{ kind: 'setting', name: 'of one that was cut off', value: '1' }])
    await target.close()
    await importedInto(openRedisTarget(clients(), to), lines)
    const moved = await linesOf(await openRedisSource(clients(), to))
    expect(moved).toEqual(lines)
  }
}, 60_000)
