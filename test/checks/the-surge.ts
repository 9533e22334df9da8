import type { CheckContext } from '../../src/checks/check.ts'
import type { MetricsSource } from '../../src/datasources/datasource.ts'
import { NOW } from '../builders.ts'
import { aContext, aWatchedService, HOUR_MS } from './a-context.ts'
import type { Recorded } from './prometheus-metrics.ts'
import { prometheusMetrics } from './prometheus-metrics.ts'

export const MINUTE_MS = 60_000
export const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
/** 02:42; everything broke within minutes. */
export const ONSET = NOW - HOUR_MS
const GIB = 2 ** 30

/** The figures of the second incident: 12,000 requests per second became 25,000, and of 21 nodes needed 5 to 7 are up. */
export const asked = (at: number): number => (at >= ONSET && at <= NOW ? 25_000 : 12_000)
const needed = (at: number): number => (at < ONSET ? 10 : 21)
const up = (at: number): number => (at < ONSET ? 10 : 5 + (Math.floor((at - ONSET) / MINUTE_MS) % 3))
const errors = (at: number): number => (at < ONSET ? 0 : 0.99 * asked(at))

const REPLICAS = ['node-a', 'node-b', 'node-c', 'node-d', 'node-e', 'node-f']
/** Minutes from one kill of a replica to its next. */
const LIFE = 12

/** Minutes since the replica's last start during the outage; each dies at another time. */
const ageOf = (index: number, at: number): number => (Math.floor((at - ONSET) / MINUTE_MS) + 2 * index) % LIFE

/** Nodes fill from 3.0 to 5.3 GiB and from 120 to 350 % CPU, and then they are killed; yesterday they stayed at 3.0 under 400 %. */
function node(name: string, index: number): readonly Recorded[] {
  const filled = (at: number) => (at < ONSET ? 0 : ageOf(index, at) / (LIFE - 1))
  const series = (metric: string, value: Recorded['value']): Recorded => ({
    labels: { __name__: metric, pod: name },
    value,
  })
  return [
    series('memory_bytes', (at) => (3 + 2.3 * filled(at)) * GIB),
    series('cpu_percent', (at) => (at < ONSET ? 400 : 120 + 230 * filled(at))),
    series(
      'restarts_total',
      (at) => 2 + Math.max(0, Math.floor((Math.floor((at - ONSET) / MINUTE_MS) + 2 * index) / LIFE)),
    ),
  ]
}

const series = (name: string, value: Recorded['value']): Recorded => ({ labels: { __name__: name }, value })

export const surge: readonly Recorded[] = [
  series('requests', asked),
  series('errors', errors),
  series('nodes_up', up),
  series('nodes_needed', needed),
  series('nodes_minimum', () => 6),
  series('nodes_maximum', () => 80),
  ...REPLICAS.flatMap(node),
]

/** The surge with some of its series recorded otherwise, or not at all. */
export function surgeMetrics(change: Readonly<Record<string, Recorded['value'] | undefined>> = {}): MetricsSource & {
  readonly asked: readonly string[]
} {
  const recorded = surge.flatMap((one) => {
    const name = one.labels.__name__
    if (!(name in change)) return [one]
    const value = change[name]
    return value === undefined ? [] : [{ ...one, value }]
  })
  return prometheusMetrics(recorded, [
    { from: NOW - WEEK_MS - HOUR_MS, to: NOW - WEEK_MS },
    { from: NOW - DAY_MS - HOUR_MS, to: NOW },
  ])
}

/** A managed endpoint: metrics, and no cluster to ask. */
export function aManagedEndpoint(
  metrics: MetricsSource = surgeMetrics(),
  change: Partial<CheckContext> = {},
): CheckContext {
  const service = aWatchedService({ workloads: [], units: 'binary', memoryLimit: { from: 'workload' } })
  return { ...aContext({ service, metrics }), ...change }
}
