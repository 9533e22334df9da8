import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPrometheusStandIn } from '../../src/sandbox/prometheus/index.ts'
import { channelOf, openOffice, pagerDutyServiceId, serviceName } from '../bot/office.ts'
import { startBot, startHelper } from '../bot/process.ts'
import { withDirectory } from '../directory.ts'
import type { LoadOrder, LoadResult } from '../intake/load-message.ts'
import { type Measurement, median, quantile } from '../report.ts'
import { type Door, openDoor } from './door.ts'
import { nextPost } from './posts.ts'

const BACKEND_MS = 20
/** As many as a usual runbook asks side by side. */
const BACKENDS = 6
/** Libraries load and connections open with the first incidents of a process. */
const WARM_UP = 3
const ALERTS = 20
/** Until what an alert leaves to do is done: details, chart. */
const PAUSE_MS = 600
const CHECKS = [
  { check: 'memory-trend', with: { window: '6h' } },
  ...['up', 'memory_bytes', 'errors', 'queue', 'latency'].map((metric) => ({
    id: metric,
    check: 'prometheus-query',
    with: { query: `max(memory_bytes) or vector(0) # ${metric}`, what: metric, above: 1e12 },
  })),
]

interface Timing {
  /** What asking all backends at once takes a client that does nothing else. */
  readonly batchMs: number
  readonly firstPostMs: number
  readonly diagnosisMs: number
  /** From the first question to the last answer. */
  readonly sourceMs: number
}

/** From an alert to its first post and to its diagnosis, in a bot that has nothing else to do, with backends that take 20 ms. */
export function latency(): Promise<readonly Measurement[]> {
  return withDirectory(async (directory) => {
    const prometheus = await startPrometheusStandIn()
    const services = WARM_UP + ALERTS
    for (let index = 0; index < services; index++) fill(prometheus, index)
    const door = await openDoor(prometheus.url, BACKEND_MS)
    const office = await openOffice({ directory, services, prometheusUrl: door.url, checks: CHECKS })
    const bot = await startBot(office.env, join(directory, 'log'))
    const load = startHelper('intake/load')
    const timings: Timing[] = []
    try {
      await sleep(3_000)
      for (let index = 0; index < services; index++) {
        const batchMs = await batch(door)
        const before = door.passages.length
        const first = nextPost(office.slack, channelOf(index))
        const diagnosis = nextPost(office.slack, channelOf(index), /checks answered/)
        const sentAt = performance.now()
        const plan = { round: `L${index}`, count: 1, incidents: 1, services: [pagerDutyServiceId(index)] }
        load.send({ port: bot.port, connections: 1, plan, forMs: 5_000 } satisfies LoadOrder)
        const { accepted } = await load.next<LoadResult>()
        if (accepted !== 1) throw new Error('The alert was not accepted')
        const [firstPostAt, diagnosisAt] = await Promise.all([first, diagnosis])
        const asked = door.passages.slice(before)
        const sourceMs = Math.max(...asked.map((one) => one.leftAt)) - Math.min(...asked.map((one) => one.cameAt))
        timings.push({ batchMs, firstPostMs: firstPostAt - sentAt, diagnosisMs: diagnosisAt - sentAt, sourceMs })
        await sleep(PAUSE_MS)
      }
    } finally {
      await Promise.all([bot.stop(), load.stop()])
      await Promise.all([office.slack.stop(), prometheus.stop(), door.stop()])
    }
    return measurements(timings.slice(WARM_UP))
  })
}

function measurements(timings: readonly Timing[]): readonly Measurement[] {
  const first = timings.map((one) => one.firstPostMs).sort((one, other) => one - other)
  const batchMs = median(timings.map((one) => one.batchMs))
  const firstPost = (name: string, ms: number, spareMs: number): Measurement => ({
    name,
    measured: `${ms.toFixed(1)} ms`,
    against: `${batchMs.toFixed(1)} ms of the backends + ${spareMs} ms`,
    ratio: ms / (batchMs + spareMs),
    bar: 1,
    better: 'lower',
  })
  const diagnosisMs = median(timings.map((one) => one.diagnosisMs))
  const sourceMs = median(timings.map((one) => one.sourceMs))
  return [
    firstPost('first-post-p50', quantile(first, 0.5), 10),
    firstPost('first-post-p99', quantile(first, 0.99), 20),
    {
      name: 'diagnosis',
      measured: `${diagnosisMs.toFixed(1)} ms`,
      against: `${sourceMs.toFixed(1)} ms of the slowest source × 1.15 + 50 ms`,
      ratio: median(timings.map((one) => one.diagnosisMs / (one.sourceMs * 1.15 + 50))),
      bar: 1,
      better: 'lower',
    },
  ]
}

async function batch({ url }: Door): Promise<number> {
  const began = performance.now()
  await Promise.all(
    Array.from({ length: BACKENDS }, async () => (await fetch(`${url}/api/v1/query?query=vector(1)`)).arrayBuffer()),
  )
  return performance.now() - began
}

/** Six hours of memory that creeps up. */
function fill(prometheus: Awaited<ReturnType<typeof startPrometheusStandIn>>, index: number): void {
  const labels = { __name__: 'memory_bytes', app: serviceName(index), pod: `${serviceName(index)}-0` }
  const now = Date.now()
  for (let minute = 365; minute >= -5; minute -= 1)
    prometheus.append(labels, now - minute * 60_000, 1e9 + (365 - minute) * 2e6)
}
