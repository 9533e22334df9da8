import type { ClusterSource, DataSource, DeploySource, JsonSource, MetricsSource } from '../datasource.ts'
import { createFlights } from './flights.ts'
import type { SourceMeter } from './meter.ts'
import { createTurnstile, type TurnstileLimits, turnstileLimits } from './turnstile.ts'

/** Puts a question with this key, shared and bounded. */
type Ask = <T>(key: readonly unknown[], put: (signal: AbortSignal) => Promise<T>, signal: AbortSignal) => Promise<T>

/** Two moments that lie in one such step count as the same: incidents of one storm begin within it. */
const STEP_MS = 1_000

/**
 * A data source that a storm cannot pile up in front of: the same question asked by several investigations at the same time is asked once,
 * only so many are under way, and one that does not answer is left alone for a while. What cannot be asked is a `SourceError`, at once.
 * Readiness probes go straight through: they are few, and are meant to find out.
 */
export function guarded(
  source: DataSource,
  deps: { readonly now: () => number; readonly meter: SourceMeter; readonly limits?: TurnstileLimits },
): DataSource {
  const { now, meter, limits = turnstileLimits } = deps
  const turnstile = createTurnstile(source.name, { now, meter, limits })
  const flights = createFlights({ now, onShared: () => meter.sourceQuestion(source.name, 'shared') })
  const ask: Ask = (key, put, signal) =>
    flights.ask(JSON.stringify(key), (shared) => turnstile.pass(put, shared), signal)
  meter.sourceState(source.name, 'closed')
  const { metrics, cluster, json, deploys } = source
  return {
    ...source,
    ...(metrics && { metrics: guardedMetrics(metrics, ask) }),
    ...(cluster && { cluster: guardedCluster(cluster, ask) }),
    ...(json && { json: guardedJson(json, ask) }),
    ...(deploys && { deploys: guardedDeploys(deploys, ask) }),
  }
}

function guardedMetrics(metrics: MetricsSource, ask: Ask): MetricsSource {
  return {
    instant: (query, at, mine) =>
      ask(['instant', query, stepOf(at, STEP_MS)], (signal) => metrics.instant(query, at, signal), mine),
    range: (query, window, mine) => {
      const { from, to, stepMs } = window
      const key = ['range', query, stepOf(to, Math.min(stepMs, STEP_MS)), to - from, stepMs]
      return ask(key, (signal) => metrics.range(query, window, signal), mine)
    },
  }
}

function guardedCluster(cluster: ClusterSource, ask: Ask): ClusterSource {
  return {
    workload: (workload, mine) => ask(['workload', workload], (signal) => cluster.workload(workload, signal), mine),
    pods: (workload, mine) => ask(['pods', workload], (signal) => cluster.pods(workload, signal), mine),
    nodes: (names, mine) => ask(['nodes', names], (signal) => cluster.nodes(names, signal), mine),
  }
}

function guardedJson(json: JsonSource, ask: Ask): JsonSource {
  return { get: (path, mine) => ask(['json', path], (signal) => json.get(path, signal), mine) }
}

function guardedDeploys(deploys: DeploySource, ask: Ask): DeploySource {
  return {
    deploys: (service, window, mine) => {
      const key = ['deploys', service.name, stepOf(window.to, STEP_MS), window.to - window.from]
      return ask(key, (signal) => deploys.deploys(service, window, signal), mine)
    },
  }
}

function stepOf(at: number, stepMs: number): number {
  return Math.floor(at / stepMs)
}
