import type { Sample } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import { expand } from '../domain/promql.ts'
import type { ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'

/** Replicas that are looked at closely; the others are counted. */
const CLOSE_UP = 5
/** Of these, so many for how fast they fill up; the rest for how full they are. */
const FASTEST = 2
const HOUR_MS = 3_600_000
/** Prometheus computes the memory this often to see how fast it grows. */
const PACE_STEP_SECONDS = 300

export interface ChosenReplicas {
  /** The fullest, and where there are many also those that will be full first. */
  readonly closeUp: readonly string[]
  /** All that there are. */
  readonly count: number
}

/**
 * The replicas worth a close look, by instant queries alone: those with the most memory and, where there are more than can be looked at,
 * those with the least time left at the pace of their last hour (or of the window, where that is shorter). The metrics choose, so that a
 * service with a thousand replicas costs no more to read than one with ten.
 */
export async function chooseReplicas(
  context: CheckContext,
  metrics: ServiceMetrics,
  windowMs: number,
  limitBytes: () => Promise<number>,
): Promise<ChosenReplicas> {
  const label = metrics.replicaLabel
  const memory = `max by (${label}) (${expand(metrics.memory, metrics)})`
  const ask = async (query: string) =>
    (await context.sources.metrics().instant(query, context.now, context.signal)).value
  // One more than is looked at tells whether there are others.
  const now = byName(await ask(`topk(${CLOSE_UP + 1}, ${memory})`), label)
  const fullest = namesBy(now, (a, b) => b - a)
  if (fullest.length === 0)
    throw new SourceError(
      'missing',
      metrics.source,
      `${metrics.source} has no memory series for ${context.service.name}: ${expand(metrics.memory, metrics)} is empty. Check \`metrics\` of the service.`,
    )
  if (fullest.length <= CLOSE_UP) return { closeUp: fullest, count: fullest.length }
  const pace = `deriv((${memory})[${Math.min(HOUR_MS, windowMs) / 1_000}s:${PACE_STEP_SECONDS}s])`
  const limit = await limitBytes()
  const [count, soonest] = await Promise.all([
    ask(`count(${memory})`),
    ask(`bottomk(${FASTEST}, (${limit} - ${memory}) / (${pace} > 0))`),
  ])
  const fastest = namesBy(byName(soonest, label), (a, b) => a - b)
  const closeUp = new Set([...fastest.slice(0, FASTEST), ...fullest])
  return { closeUp: [...closeUp].slice(0, CLOSE_UP), count: count[0]?.value ?? fullest.length }
}

function byName(samples: readonly Sample[], label: string): ReadonlyMap<string, number> {
  return new Map(
    samples.flatMap(({ labels, value }): [string, number][] => {
      const name = labels[label] ?? ''
      return name === '' || Number.isNaN(value) ? [] : [[name, value]]
    }),
  )
}

/** Names in the order of their values; of the same value in that of the alphabet. */
function namesBy(values: ReadonlyMap<string, number>, order: (a: number, b: number) => number): readonly string[] {
  return [...values].sort(([one, a], [other, b]) => order(a, b) || one.localeCompare(other)).map(([name]) => name)
}
