import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from '../../src/domain/finding.ts'
import { openRedisClients } from '../../src/redis/clients.ts'
import { openRedisStore } from '../../src/store/redis/open.ts'
import type { Store } from '../../src/store/store.ts'
import { withDirectory } from '../directory.ts'
import { startRedis } from '../intake/redis-server.ts'
import type { Measurement } from '../report.ts'
import { fill } from './fill.ts'

const INCIDENTS = 10_000
const BAR_BYTES = 25e6

/** What ten thousand open incidents with six findings each take in Redis: records, timelines, and the lists that they are found by. */
export function redisMemory(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const redis = await startRedis(join(directory, 'redis'))
    const { port } = new URL(redis.url)
    const clients = openRedisClients(
      { address: { kind: 'single', at: { host: '127.0.0.1', port: Number(port) }, db: 0, tls: false } },
      () => undefined,
    )
    const store = openRedisStore({ clients, prefix: 'bench' })
    try {
      await reached(store)
      const before = await redis.usedBytes()
      await fill(store, { incidents: INCIDENTS, services: INCIDENTS, findings: FINDINGS })
      const bytes = (await redis.usedBytes()) - before
      return [
        {
          name: 'redis-memory',
          measured: `${(bytes / 1e6).toFixed(1)} MB in Redis for ${INCIDENTS} open incidents with six findings each`,
          against: `${BAR_BYTES / 1e6} MB`,
          ratio: bytes / BAR_BYTES,
          bar: 1,
          better: 'lower',
        },
      ]
    } finally {
      await store.close()
      await redis.stop()
    }
  })
}

async function reached(store: Store): Promise<void> {
  for (let left = 500; ; left--) {
    try {
      return await store.probe()
    } catch (error) {
      if (left === 0) throw error
      await sleep(20)
    }
  }
}

/** As checks of a service in trouble leave them. */
const FINDINGS: readonly Finding[] = ['memory', 'requests', 'errors', 'queue', 'latency', 'restarts'].map(
  (what, index) => ({
    id: what,
    check: 'prometheus-query',
    title: `The ${what} of the service`,
    verdict: index === 0 ? 'problem' : 'clear',
    ...(index === 0 && { severity: 'high' as const }),
    headline: `${what} is ${index + 1.61} GiB of 1.86 GiB (86.3 %) and grows 114 MiB/h; at this rate 2.27 h are left`,
    details: ['Limit 1.86 GiB from incbot.yaml.'],
    facts: [
      { id: 'level', label: 'Level', value: 1_726_000_000 + index, unit: 'bytes' },
      { id: 'share', label: 'Share of limit', value: 0.863, unit: 'share' },
    ],
    signals: { growth: 'time_trend' },
    charts: [],
    asked: [
      {
        source: 'metrics',
        query: `max(${what}_bytes{app="service"})`,
        asOf: 1_795_842_366_636,
        tookMs: 21,
        warnings: [],
      },
    ],
    tookMs: 23 + index,
  }),
)
