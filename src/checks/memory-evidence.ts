import type { MemorySeries, MemoryVerdict } from '../analysis/memory/index.ts'
import { analyzeMemory } from '../analysis/memory/index.ts'
import type { DeployRecord, Series } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Service, ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'
import { expand } from './promql.ts'

/** Replicas that are looked at closely; the others are counted. */
const CLOSE_UP = 5
const STEP_MS = 60_000

export interface ReplicaMemory {
  readonly name: string
  readonly points: readonly (readonly [at: number, bytes: number])[]
  readonly verdict: MemoryVerdict
}

/** Memory of a service's fullest replicas with all that could explain it, analysed. */
export interface MemoryEvidence {
  readonly limitBytes: number
  readonly limitFrom: string
  /** The one that reaches its limit first, or is fullest; its verdict is what the service's is judged by. */
  readonly worst: ReplicaMemory
  readonly others: readonly ReplicaMemory[]
  /** Replicas that exist, close-up or not. */
  readonly replicas: number
  /** Undefined where no deploy record is configured or it did not answer; the growth is then judged without it. */
  readonly deploys: readonly DeployRecord[] | undefined
  readonly from: number
  readonly to: number
}

/**
 * Chooses the fullest replicas by one instant query, then reads their last hours at one point a minute. Asks the same questions for
 * every check of an investigation, so that they are asked once.
 */
export async function memoryEvidence(
  context: CheckContext,
  windowMs: number,
  cacheMaxSize?: number,
): Promise<MemoryEvidence> {
  const { service, now, sources, signal } = context
  const metrics = metricsOf(service)
  const source = sources.metrics()
  const window = { from: now - windowMs, to: now, stepMs: STEP_MS }
  const label = metrics.replicaLabel
  const [limit, fullest, deploys] = await Promise.all([
    memoryLimit(context, metrics),
    source.instant(`max by (${label}) (${expand(metrics.memory, metrics)})`, now, signal),
    deployRecords(context, window),
  ])
  const names = [...fullest.value].sort((a, b) => b.value - a.value).map((sample) => sample.labels[label] ?? '')
  const closeUp = names.filter((name) => name !== '').slice(0, CLOSE_UP)
  if (closeUp.length === 0) {
    throw new SourceError(
      'missing',
      metrics.source,
      `${metrics.source} has no memory series for ${service.name}: ${expand(metrics.memory, metrics)} is empty. Check \`metrics\` of the service.`,
    )
  }
  const ranges = async (expression: string | undefined, combine: string) =>
    expression === undefined
      ? []
      : (await source.range(`${combine} by (${label}) (${expand(expression, metrics, closeUp)})`, window, signal)).value
  const [memory, started, requests, evictions] = await Promise.all([
    ranges(metrics.memory, 'max'),
    optional(ranges(metrics.processStart, 'max')),
    optional(ranges(metrics.requests, 'sum')),
    optional(ranges(metrics.evictions, 'sum')),
  ])
  const replicas = memory.flatMap((series): ReplicaMemory[] => {
    const name = series.labels[label] ?? ''
    const at = series.points.map(([time]) => time)
    const drivers = {
      ...aligned('requestsPerSecond', requests, label, name, at),
      ...aligned('evictionsTotal', evictions, label, name, at),
      ...aligned('processStartAt', started, label, name, at, 1_000),
      ...(deploys && { deploysTotal: at.map((time) => deploys.filter((one) => one.at <= time).length) }),
      ...(cacheMaxSize !== undefined && { cacheMaxSize }),
    }
    const analysed: MemorySeries = {
      at,
      bytes: series.points.map(([, bytes]) => bytes),
      limitBytes: limit.bytes,
      ...drivers,
    }
    return series.points.length === 0 ? [] : [{ name, points: series.points, verdict: analyzeMemory(analysed) }]
  })
  const [worst, ...others] = [...replicas].sort(byUrgency)
  if (worst === undefined)
    throw new SourceError(
      'missing',
      metrics.source,
      `${metrics.source} has no memory history for ${closeUp.join(', ')}.`,
    )
  return {
    limitBytes: limit.bytes,
    limitFrom: limit.from,
    worst,
    others,
    replicas: names.length,
    deploys,
    from: window.from,
    to: now,
  }
}

/** Least time left first; those that reach no limit by how full they are. */
function byUrgency(a: ReplicaMemory, b: ReplicaMemory): number {
  const left = (one: ReplicaMemory) =>
    (one.verdict.verdict === 'none' ? undefined : one.verdict.hoursToLimit) ?? Number.POSITIVE_INFINITY
  return left(a) === left(b) ? b.verdict.share - a.verdict.share || a.name.localeCompare(b.name) : left(a) - left(b)
}

function metricsOf(service: Service): ServiceMetrics {
  if (service.metrics === undefined)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`metrics\` in incbot.yaml.`)
  return service.metrics
}

async function memoryLimit(
  { service, now, sources, signal }: CheckContext,
  metrics: ServiceMetrics,
): Promise<{ bytes: number; from: string }> {
  const { memoryLimit: limit } = service
  if (limit.from === 'fixed') return { bytes: limit.bytes, from: 'incbot.yaml' }
  if (limit.from === 'metrics') {
    if (metrics.limit === undefined)
      throw new SourceError(
        'not-configured',
        metrics.source,
        `${service.name} takes its memory limit from metrics, but \`metrics.limit\` is missing.`,
      )
    const { value } = await sources.metrics().instant(`min(${expand(metrics.limit, metrics)})`, now, signal)
    const bytes = value[0]?.value
    if (bytes === undefined || !(bytes > 0))
      throw new SourceError('missing', metrics.source, `${metrics.source} has no memory limit for ${service.name}.`)
    return { bytes, from: metrics.source }
  }
  const [workload] = service.workloads
  if (workload === undefined)
    throw new SourceError(
      'not-configured',
      service.name,
      `${service.name} takes its memory limit from its workload, but has no \`workloads\`.`,
    )
  const { value } = await sources.cluster(workload.cluster).workload(workload, signal)
  if (value.memoryLimitBytes === undefined)
    throw new SourceError('missing', workload.cluster, `${workload.kind} ${workload.name} sets no memory limit.`)
  return { bytes: value.memoryLimitBytes, from: `${workload.kind} ${workload.name}` }
}

/** Without deploy records the growth is still worth measuring, so their absence is no failure here; `deploy-count` reports it. */
async function deployRecords(
  { service, sources, signal }: CheckContext,
  window: { from: number; to: number },
): Promise<readonly DeployRecord[] | undefined> {
  if (service.deploys === undefined) return undefined
  return optional(
    sources
      .deploys()
      .deploys(service, { from: window.from, to: window.to }, signal)
      .then((answer) => answer.value),
  )
}

async function optional<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

/** One driver's samples at the memory's own times. */
function aligned<Name extends string>(
  as: Name,
  all: readonly Series[] | undefined,
  label: string,
  name: string,
  at: readonly number[],
  factor = 1,
): Partial<Record<Name, readonly (number | undefined)[]>> {
  const series = all?.find((one) => one.labels[label] === name)
  if (series === undefined) return {}
  const values = new Map(series.points)
  const out: Partial<Record<Name, readonly (number | undefined)[]>> = {}
  out[as] = at.map((time) => {
    const value = values.get(time)
    return value === undefined ? undefined : value * factor
  })
  return out
}
