import type { MemorySeries, MemoryVerdict } from '../analysis/memory/index.ts'
import { analyzeMemory } from '../analysis/memory/index.ts'
import type { DeployRecord, Series } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import { expand } from '../domain/promql.ts'
import type { Service, ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'
import { chooseReplicas } from './choose-replicas.ts'
import { memoryLimit } from './memory-limit.ts'

/** One a minute over six hours: enough for the analysis, little enough to parse in a millisecond. */
const POINTS = 360

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
 * Chooses replicas by instant queries, then reads their past in one coarse range each of memory and what could explain it. Asks the same
 * questions for every check of an investigation, so that they are asked once.
 */
export async function memoryEvidence(context: CheckContext, windowMs: number): Promise<MemoryEvidence> {
  const { service, now, sources, signal } = context
  const metrics = metricsOf(service)
  const window = { from: now - windowMs, to: now, stepMs: stepFor(windowMs) }
  const asked = memoryLimit(context, metrics)
  const [limit, { closeUp, count }, deploys] = await Promise.all([
    asked,
    chooseReplicas(context, metrics, windowMs, async () => (await asked).bytes),
    deployRecords(context, window),
  ])
  const label = metrics.replicaLabel
  const ranges = async (expression: string | undefined, combine: 'max' | 'sum') =>
    expression === undefined
      ? []
      : (
          await sources
            .metrics()
            .range(`${combine} by (${label}) (${expand(expression, metrics, closeUp)})`, window, signal)
        ).value
  const [memory, started, requests, evictions] = await Promise.all([
    ranges(metrics.memory, 'max'),
    optional(ranges(metrics.processStart, 'max')),
    optional(ranges(metrics.requests, 'sum')),
    optional(ranges(metrics.evictions, 'sum')),
  ])
  const replicas = memory.flatMap((series): ReplicaMemory[] => {
    const name = series.labels[label] ?? ''
    // An expression without `$selector` cannot be narrowed and brings everybody.
    if (series.points.length === 0 || !closeUp.includes(name)) return []
    const at = series.points.map(([time]) => time)
    const analysed: MemorySeries = {
      at,
      bytes: series.points.map(([, bytes]) => bytes),
      limitBytes: limit.bytes,
      ...aligned('requestsPerSecond', requests, label, name, at),
      ...aligned('evictionsTotal', evictions, label, name, at),
      ...aligned('processStartAt', started, label, name, at, 1_000),
      ...(deploys && { deploysTotal: at.map((time) => deploys.filter((one) => one.at <= time).length) }),
    }
    return [{ name, points: series.points, verdict: analyzeMemory(analysed) }]
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
    replicas: count,
    deploys,
    from: window.from,
    to: now,
  }
}

/** Whole seconds, since nothing is scraped more often and Prometheus would only repeat itself. */
function stepFor(windowMs: number): number {
  return Math.max(1, Math.round(windowMs / POINTS / 1_000)) * 1_000
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
