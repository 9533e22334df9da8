import { join } from 'node:path'
import { startPrometheusStandIn } from '../../src/sandbox/prometheus/index.ts'
import { openOffice, serviceName } from '../bot/office.ts'
import { startHelper } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import { openDoor } from '../latency/door.ts'
import type { Measurement } from '../report.ts'
import type { CheckOrder, CheckResult } from './check-process.ts'

const FEW = 10
const MANY = 1_000
const WARM_UP = 5
const TIMES = 9

/** What a hundred times the replicas cost the check of memory: bytes to parse, and the longest time in which nothing else was done. */
export function seriesGrowth(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const prometheus = await startPrometheusStandIn()
    fill(prometheus, serviceName(0), FEW)
    fill(prometheus, serviceName(1), MANY)
    const door = await openDoor(prometheus.url, 0)
    const office = await openOffice({ directory, services: 2, prometheusUrl: door.url, checks: [] })
    const process = startHelper('series/check-process')
    const measure = async (service: string) => {
      const order = { config: join(directory, 'incbot.yaml'), service } satisfies Omit<CheckOrder, 'times'>
      process.send({ ...order, times: WARM_UP })
      await process.next<CheckResult>()
      const before = door.bytes
      process.send({ ...order, times: TIMES })
      const result = await process.next<CheckResult>()
      return { ...result, bytes: (door.bytes - before) / TIMES }
    }
    try {
      const few = await measure(serviceName(0))
      const many = await measure(serviceName(1))
      for (const { headline } of [few, many])
        if (!/grows/.test(headline)) throw new Error(`memory-trend found no growth: ${headline}`)
      return [
        {
          name: 'series-bytes',
          measured: `${(many.bytes / 1e3).toFixed(0)} kB to parse with ${MANY} replicas`,
          against: `${(few.bytes / 1e3).toFixed(0)} kB with ${FEW}`,
          ratio: many.bytes / few.bytes,
          bar: 2,
          better: 'lower',
        },
        {
          name: 'series-stall',
          measured: `${many.stallMs.toFixed(1)} ms longest stall with ${MANY} replicas`,
          against: '10 ms',
          ratio: many.stallMs / 10,
          bar: 1,
          better: 'lower',
        },
      ]
    } finally {
      await process.stop()
      await Promise.all([office.slack.stop(), prometheus.stop(), door.stop()])
    }
  })
}

/** Six hours of memory, a little fuller and faster in each replica. */
function fill(prometheus: Awaited<ReturnType<typeof startPrometheusStandIn>>, app: string, replicas: number): void {
  const now = Date.now()
  for (let replica = 0; replica < replicas; replica++) {
    const labels = {
      __name__: 'memory_bytes',
      namespace: 'ml',
      app,
      pod: `${app}-7d9f8b6c5d-${replica}`,
      node: 'node-a',
    }
    const share = replica / replicas
    for (let minute = 365; minute >= -5; minute -= 1)
      prometheus.append(labels, now - minute * 60_000, 5e8 + share * 1e8 + (365 - minute) * (1e6 + share * 1e6))
  }
}
