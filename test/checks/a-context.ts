import type { CheckContext } from '../../src/checks/check.ts'
import type {
  Answer,
  ClusterSource,
  DeployRecord,
  JsonSource,
  MetricsSource,
  NodeFacts,
  PodFacts,
} from '../../src/datasources/datasource.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { Service } from '../../src/domain/service.ts'
import { aService, NOW } from '../builders.ts'

export const GB = 1e9
export const HOUR_MS = 3_600_000

/** A service with everything that the checks can ask about. */
export const aWatchedService = (change: Partial<Service> = {}): Service =>
  aService({
    metrics: {
      source: 'metrics',
      selector: 'namespace="ml"',
      replicaLabel: 'pod',
      memory: 'memory_bytes{$selector}',
      processStart: 'process_start_time_seconds{$selector}',
      requests: 'requests{$selector}',
      evictions: 'evictions_total{$selector}',
    },
    memoryLimit: { from: 'fixed', bytes: 32 * GB },
    modelCache: { source: 'models', path: '/debug/models/{replica}' },
    deploys: { source: 'metrics', counter: 'sum(deploys_total)' },
    ...change,
  })

/** A replica's figures at any moment; `undefined` where it was not there. */
export interface Replica {
  readonly name: string
  readonly bytes: (at: number) => number | undefined
  readonly startedAt?: (at: number) => number | undefined
  readonly requests?: (at: number) => number | undefined
  readonly evictions?: (at: number) => number | undefined
}

export interface Questions {
  readonly instant: { query: string; at: number }[]
  readonly range: { query: string; from: number; to: number; stepMs: number }[]
}

export const answer = <T>(value: T, query = 'asked'): Answer<T> => ({ value, query, asOf: NOW, warnings: [] })

/** Metrics of replicas as a Prometheus would have them; notes what was asked. */
export function replicaMetrics(replicas: readonly Replica[], questions: Questions = { instant: [], range: [] }) {
  const figure = (query: string) => (one: Replica) => {
    if (query.includes('process_start')) return one.startedAt && ((at: number) => seconds(one.startedAt?.(at)))
    if (query.includes('requests{')) return one.requests
    return query.includes('evictions') ? one.evictions : one.bytes
  }
  const source: MetricsSource = {
    async instant(query, at) {
      questions.instant.push({ query, at })
      const levelOf = (one: Replica, moment = at) => figure(query)(one)?.(moment)
      const samples = replicas.flatMap((one) => {
        const value = levelOf(one)
        return value === undefined ? [] : [{ labels: { pod: one.name }, value, before: levelOf(one, at - HOUR_MS) }]
      })
      return answer(aggregated(query, samples), query)
    },
    async range(query, window) {
      questions.range.push({ query, ...window })
      const asked = /pod=~"([^"]*)"/
        .exec(query)?.[1]
        ?.replaceAll(/\\\\(.)/g, '$1')
        .split('|')
      const series = replicas
        .filter(({ name }) => asked === undefined || asked.includes(name))
        .map((one) => {
          const points: [number, number][] = []
          for (let at = window.from; at <= window.to; at += window.stepMs) {
            const value = figure(query)(one)?.(at)
            if (value !== undefined) points.push([at, value])
          }
          return { labels: { pod: one.name }, points }
        })
        .filter(({ points }) => points.length > 0)
      return answer(series, query)
    },
  }
  return { source, questions }
}

interface Level {
  readonly labels: { readonly pod: string }
  readonly value: number
  readonly before: number | undefined
}

/** What is made of the levels by the few forms in which checks ask for them; hours left from the level an hour before. */
function aggregated(query: string, levels: readonly Level[]) {
  const [, operator, limit, most] = /^(topk|bottomk)\((\d+), (?:\((\d+))?/.exec(query) ?? []
  const samples = (sorted: readonly Level[]) => sorted.map(({ labels, value }) => ({ labels, value }))
  if (query.startsWith('min(')) return samples(levels).slice(0, 1)
  if (query.startsWith('count(')) return [{ labels: {}, value: levels.length }]
  if (operator === 'topk') return samples(levels.toSorted((a, b) => b.value - a.value)).slice(0, Number(limit))
  if (operator !== 'bottomk') return samples(levels)
  const left = levels.flatMap(({ labels, value, before = value }) =>
    value > before ? [{ labels, value: (Number(most) - value) / (value - before) }] : [],
  )
  return left.sort((a, b) => a.value - b.value).slice(0, Number(limit))
}

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000)

export interface ContextParts {
  readonly service?: Service
  readonly replicas?: readonly Replica[]
  readonly metrics?: MetricsSource
  readonly cluster?: Partial<ClusterSource>
  readonly json?: JsonSource['get']
  readonly deploys?: readonly number[] | SourceError
}

const refuse = (what: string) => async (): Promise<never> => {
  throw new SourceError('not-configured', 'fake', `There is no ${what} here.`)
}

/** A check's surroundings; whatever is not given is not configured. */
export function aContext(parts: ContextParts = {}): CheckContext {
  const { replicas, deploys } = parts
  const metrics = parts.metrics ?? (replicas && replicaMetrics(replicas).source)
  const records = async (): Promise<Answer<readonly DeployRecord[]>> => {
    if (deploys === undefined) return refuse('deploy record')()
    if (deploys instanceof SourceError) throw deploys
    return answer(deploys.map((at) => ({ at, what: 'deploy' })))
  }
  return {
    service: parts.service ?? aWatchedService(),
    now: NOW,
    signal: AbortSignal.timeout(10_000),
    sources: {
      metrics: () => metrics ?? { instant: refuse('metric'), range: refuse('metric') },
      cluster: () => ({
        workload: refuse('cluster'),
        pods: refuse('cluster'),
        nodes: refuse('cluster'),
        ...parts.cluster,
      }),
      json: () => ({ get: parts.json ?? refuse('document') }),
      deploys: () => ({ deploys: records }),
    },
  }
}

/** So many moments, evenly over the last hours, the last one `untilHours` ago. */
export const deploysOver = (count: number, hours: number, untilHours = 0.05): number[] =>
  Array.from({ length: count }, (_, i) => NOW - (hours - ((hours - untilHours) * i) / (count - 1)) * HOUR_MS)

/** Small, repeatable unrest in a measured level, so that no two points are the same. */
export const unrest = (at: number, bytes = 15e6): number => bytes * Math.sin(at / 7_919) * Math.cos(at / 104_729)

export const aPod = (name: string, change: Partial<PodFacts> = {}): PodFacts => ({
  name,
  uid: `uid-${name}`,
  node: 'node-a',
  phase: 'Running',
  ready: true,
  restarts: 0,
  startedAt: NOW - 4 * HOUR_MS,
  memoryLimitBytes: 32 * GB,
  memoryRequestBytes: 32 * GB,
  lastTermination: undefined,
  ...change,
})

export const aNodeWith = (name: string, change: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  capacityBytes: 137 * GB,
  allocatableBytes: 130 * GB,
  requestedBytes: 45 * GB,
  daemonSetRequestedBytes: 1 * GB,
  unschedulable: false,
  ...change,
})
