import type { PrometheusStandIn } from '../../prometheus/index.ts'
import type { Random } from '../random.ts'
import type { PredictionServer } from './prediction-server.ts'
import { ALLOCATABLE_BYTES, CAPACITY_BYTES, CONTAINER, NAMESPACE, SERVICE, WORKLOAD } from './service.ts'
import type { Death, PredictionSystem } from './system.ts'
import { lastWeek, offeredRps } from './traffic.ts'

const NOISE_BYTES = 15e6
/** Requests that the load balancer had counted before the past that is told. */
const EARLIER_REQUESTS = 4e9
const NORMAL_SECONDS = 0.085
const TIMEOUT_SECONDS = 10

type Labels = Readonly<Record<string, string>>

/** What a scrape of everything around the service finds. */
export interface Exporter {
  /** Adds a sample of every series at `at`. Samples must ascend. */
  scrape(at: number): void
  died(death: Death): void
}

/** Adds the traffic and the latency of a week ago, for comparisons; before everything else. */
export function tellLastWeek(prometheus: PrometheusStandIn, now: number, random: Random): void {
  const { from, to } = lastWeek(now)
  let requests = EARLIER_REQUESTS / 2
  for (let at = from; at <= to; at += 60_000) {
    requests += offeredRps(at, now) * 60 * (1 + 0.01 * random.normal())
    prometheus.append(requestLabels('200'), at, Math.round(requests))
    prometheus.append(requestLabels('503'), at, Math.round(requests * 0.0002))
    prometheus.append(LATENCY, at, NORMAL_SECONDS * (1 + 0.03 * random.normal()))
  }
}

export function createExporter(options: {
  readonly prometheus: PrometheusStandIn
  readonly system: PredictionSystem
  readonly random: Random
  readonly nodeOf: (pod: string) => string
  /** When the service was last deployed. */
  readonly rolledOutAt: number
}): Exporter {
  const { prometheus, system, random, nodeOf, rolledOutAt } = options
  const restarts = new Map<string, number>()

  const gauge = (name: string, labels: Labels, at: number, value: number): void =>
    prometheus.append({ __name__: name, ...labels }, at, value)

  function scrapeReplica(pod: string, server: PredictionServer | undefined, at: number): void {
    const labels = { namespace: NAMESPACE, pod }
    const inContainer = { ...labels, container: CONTAINER }
    const count = restarts.get(pod) ?? 0
    gauge('up', { job: SERVICE, ...labels }, at, server === undefined ? 0 : 1)
    gauge('kube_pod_container_status_restarts_total', inContainer, at, count)
    if (count > 0) {
      gauge('kube_pod_container_status_last_terminated_reason', { ...inContainer, reason: 'OOMKilled' }, at, 1)
    }
    if (server === undefined) return
    const onNode = { ...inContainer, node: nodeOf(pod) }
    const memory = server.memoryBytes + NOISE_BYTES * random.normal()
    gauge('container_memory_working_set_bytes', onNode, at, Math.round(Math.min(ALLOCATABLE_BYTES, memory)))
    gauge('process_start_time_seconds', labels, at, server.startedAt / 1_000)
    gauge('container_cpu_usage_seconds_total', onNode, at, server.cpuSeconds)
  }

  function scrapeFleet(at: number): void {
    const deployment = { namespace: NAMESPACE, deployment: WORKLOAD }
    const replicaSet = { namespace: NAMESPACE, replicaset: `${WORKLOAD}-7c9f` }
    const autoscaler = { namespace: NAMESPACE, horizontalpodautoscaler: WORKLOAD }
    gauge('kube_replicaset_created', replicaSet, at, rolledOutAt / 1_000)
    gauge('kube_deployment_spec_replicas', deployment, at, system.main.names.length)
    gauge('kube_deployment_status_replicas_available', deployment, at, system.main.up.size)
    gauge('kube_horizontalpodautoscaler_status_desired_replicas', autoscaler, at, system.autoscaler.desired)
    gauge('kube_horizontalpodautoscaler_spec_min_replicas', autoscaler, at, system.autoscaler.minimum)
    gauge('kube_horizontalpodautoscaler_spec_max_replicas', autoscaler, at, system.autoscaler.maximum)
  }

  return {
    scrape(at) {
      const { answered, failed } = system.counted
      prometheus.append(requestLabels('200'), at, Math.round(EARLIER_REQUESTS + answered))
      prometheus.append(requestLabels('503'), at, Math.round(EARLIER_REQUESTS * 0.0002 + failed))
      const seconds = NORMAL_SECONDS + (TIMEOUT_SECONDS - NORMAL_SECONDS) * Math.min(1, system.failing * 1.02)
      prometheus.append(LATENCY, at, seconds * (1 + 0.03 * random.normal()))
      scrapeFleet(at)
      const replicas = [...system.replicas].sort((a, b) => a.name.localeCompare(b.name))
      for (const { name, server } of replicas) scrapeReplica(name, server, at)
      for (const node of new Set(replicas.map(({ name }) => nodeOf(name)))) {
        const labels = { node, resource: 'memory', unit: 'byte' }
        gauge('kube_node_status_capacity', labels, at, CAPACITY_BYTES)
        gauge('kube_node_status_allocatable', labels, at, ALLOCATABLE_BYTES)
      }
    },
    died: ({ name }) => void restarts.set(name, (restarts.get(name) ?? 0) + 1),
  }
}

const LATENCY: Labels = {
  __name__: 'ingress:request_latency_seconds:p99',
  namespace: NAMESPACE,
  ingress: SERVICE,
}

/** As ingress-nginx counts. */
function requestLabels(status: string): Labels {
  return { __name__: 'nginx_ingress_controller_requests', namespace: NAMESPACE, ingress: SERVICE, status }
}
