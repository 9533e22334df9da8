import type { Points } from '../analysis/points.ts'
import { SourceError } from '../datasources/datasource.ts'
import { expand } from '../domain/promql.ts'
import type { Service, ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

export interface Window {
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

/** Prometheus refuses to compute more than 11,000 points of a series. */
const MOST_POINTS = 10_000

/** One point a minute up to now; of a window longer than a week fewer. */
export function lastMinutes({ now }: CheckContext, windowMs: number, mostPoints = MOST_POINTS): Window {
  return { from: now - windowMs, to: now, stepMs: Math.max(MINUTE_MS, Math.ceil(windowMs / mostPoints / 1000) * 1000) }
}

/** How the service is measured. Throws where it has no `metrics`. */
export function metricsOf(service: Service): ServiceMetrics {
  if (service.metrics === undefined)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`metrics\` in incbot.yaml.`)
  return service.metrics
}

/** The expression that the runbook gives, else the service's own. Throws where neither does. */
export function givenOrConfigured(service: Service, given: string | undefined, setting: 'requests' | 'memory'): string {
  const expression = given ?? metricsOf(service)[setting]
  if (expression === undefined)
    throw new SourceError(
      'not-configured',
      service.name,
      `Neither the runbook nor ${service.name} in incbot.yaml (\`metrics.${setting}\`) says how to ask for its ${setting}.`,
    )
  return expression
}

/** One series over all replicas, at the given steps; empty where the metrics have none. */
export async function overall(
  context: CheckContext,
  combine: 'sum' | 'max' | 'min',
  expression: string,
  window: Window,
): Promise<Points> {
  const query = `${combine}(${expand(expression, metricsOf(context.service))})`
  const { value } = await context.sources.metrics().range(query, window, context.signal)
  return value[0]?.points ?? []
}

/** One series per replica, by its name. */
export async function byReplica(
  context: CheckContext,
  expression: string,
  window: Window,
): Promise<ReadonlyMap<string, Points>> {
  const metrics = metricsOf(context.service)
  const label = metrics.replicaLabel
  const query = `max by (${label}) (${expand(expression, metrics)})`
  const { value } = await context.sources.metrics().range(query, window, context.signal)
  return new Map(value.map((series) => [series.labels[label] ?? '', series.points]))
}

/** The largest value right now; undefined where the metrics have none. */
export async function valueNow(context: CheckContext, expression: string): Promise<number | undefined> {
  const query = `max(${expand(expression, metricsOf(context.service))})`
  const { value } = await context.sources.metrics().instant(query, context.now, context.signal)
  const number = value[0]?.value
  return number === undefined || Number.isNaN(number) ? undefined : number
}

/** The answer, or undefined where the source could not give one and the check is worth something without it. */
export async function ifAnswered<T>(question: Promise<T>): Promise<T | undefined> {
  try {
    return await question
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}
