import type { PrometheusStandIn } from '../../prometheus/index.ts'
import type { Random } from '../random.ts'
import type { Fleet } from './fleet.ts'
import { CACHE_MAX_SIZE, type ModelServer } from './model-server.ts'
import { CONTAINER, LIMIT_BYTES, NAMESPACE, SERVICE } from './service.ts'
import { lastWeek, requestsPerSecond } from './traffic.ts'

const NOISE_BYTES = 20e6
const SWAP_BYTES = 8e9
/** Deploys that the registry had counted before the past that is told. */
const EARLIER_DEPLOYS = 4_031

/** What a scrape of everything around the service would find. */
export interface Exporter {
  /** Adds a sample of every series at `at`. Samples must ascend. */
  scrape(at: number, deploys: number): void
  /** Adds the requests of a week ago, for comparisons; before everything else. */
  tellLastWeek(historyMs: number): void
}

export interface ExporterOptions {
  readonly prometheus: PrometheusStandIn
  readonly fleet: Fleet
  readonly random: Random
  /** The end of the simulated past. */
  readonly now: number
  /** Names the node that a pod is on. */
  readonly nodeOf: (pod: string) => string
}

export function createExporter({ prometheus, fleet, random, now, nodeOf }: ExporterOptions): Exporter {
  const served = new Map<string, { since: number; at: number; requests: number }>()

  const gauge = (name: string, labels: Readonly<Record<string, string>>, at: number, value: number): void =>
    prometheus.append({ __name__: name, ...labels }, at, value)

  const requestLabels = (pod: string) => ({ namespace: NAMESPACE, pod, handler: '/predict', code: '200' })

  /** Counts on from the sample before; a new process begins at nothing. */
  function requestsServed(pod: string, since: number, at: number): number {
    const before = served.get(pod)
    const from = before?.since === since ? before : { at: Math.max(since, at - 30_000), requests: 0 }
    const rate = requestsPerSecond(at, now) * (1 + 0.02 * random.normal())
    const requests = from.requests + Math.max(0, (rate * (at - from.at)) / 1_000)
    served.set(pod, { since, at, requests })
    return requests
  }

  function scrapePod(pod: string, server: ModelServer, at: number): void {
    const labels = { namespace: NAMESPACE, pod }
    const inContainer = { ...labels, container: CONTAINER, node: nodeOf(pod) }
    const share = server.memoryBytes / LIMIT_BYTES
    const measured = Math.min(LIMIT_BYTES, server.memoryBytes + NOISE_BYTES * random.normal())
    gauge('container_memory_working_set_bytes', inContainer, at, Math.round(measured))
    gauge('kube_pod_container_resource_limits', { ...inContainer, resource: 'memory', unit: 'byte' }, at, LIMIT_BYTES)
    gauge('process_start_time_seconds', labels, at, server.startedAt / 1_000)
    gauge('model_cache_max_size', labels, at, CACHE_MAX_SIZE)
    gauge('model_cache_evictions_total', labels, at, server.evictions)
    gauge('http_requests_total', requestLabels(pod), at, Math.round(requestsServed(pod, server.startedAt, at)))
    gauge('inference:request_latency_seconds:p99', labels, at, latencySeconds(share) * (1 + 0.03 * random.normal()))
  }

  return {
    scrape(at, deploys) {
      const swapped = new Map<string, number>()
      for (const pod of fleet.pods) {
        const server = fleet.server(pod)
        if (server === undefined) continue
        scrapePod(pod, server, at)
        const node = nodeOf(pod)
        swapped.set(node, (swapped.get(node) ?? 0) + swappedBytes(server.memoryBytes / LIMIT_BYTES))
      }
      for (const [instance, bytes] of swapped) {
        gauge('node_memory_SwapTotal_bytes', { instance }, at, SWAP_BYTES)
        gauge('node_memory_SwapFree_bytes', { instance }, at, SWAP_BYTES - bytes)
      }
      gauge('model_deploys_total', { service: SERVICE }, at, EARLIER_DEPLOYS + deploys)
    },
    tellLastWeek(historyMs) {
      const { from, to } = lastWeek(now, historyMs)
      for (const pod of fleet.pods) {
        let requests = 0
        for (let at = from; at <= to; at += 60_000) {
          requests += requestsPerSecond(at, now) * 60 * (1 + 0.02 * random.normal())
          gauge('http_requests_total', requestLabels(pod), at, Math.round(requests))
        }
      }
    },
  }
}

/** 45 ms with room to spare, 180 ms at 97.5 % of the limit: reclaim takes ever more of the time. */
function latencySeconds(share: number): number {
  return 0.045 + 0.135 * Math.max(0, (share - 0.6) / 0.375) ** 2
}

/** Nothing below 87 % of the limit, 1.2 GB at 97.5 %. */
function swappedBytes(share: number): number {
  return Math.round(1.2e9 * Math.max(0, (share - 0.87) / 0.105))
}
