import type { Sample } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'
import { expand } from './promql.ts'

/** Replicas that are looked at closely; the others are counted. */
const CLOSE_UP = 5
/** Of these, so many for how fast they fill up; the rest for how full they are. */
const FASTEST = 2
const HOUR_MS = 3_600_000

export interface ChosenReplicas {
  /** The fullest, and where there are many also those that will be full first. */
  readonly closeUp: readonly string[]
  /** All that there are. */
  readonly count: number
}

/**
 * The replicas worth a close look, by instant queries alone: those with the most memory and, where there are more than can be looked at,
 * those with the least time left at the pace of their last hour (or of the window, where that is shorter).
 */
export async function chooseReplicas(
  context: CheckContext,
  metrics: ServiceMetrics,
  windowMs: number,
  limitBytes: () => Promise<number>,
): Promise<ChosenReplicas> {
  const label = metrics.replicaLabel
  const query = `max by (${label}) (${expand(metrics.memory, metrics)})`
  const levelsAt = async (at: number) => (await context.sources.metrics().instant(query, at, context.signal)).value
  const now = byName(await levelsAt(context.now), label)
  const fullest = [...now.keys()].sort((a, b) => (now.get(b) ?? 0) - (now.get(a) ?? 0) || a.localeCompare(b))
  if (fullest.length === 0)
    throw new SourceError(
      'missing',
      metrics.source,
      `${metrics.source} has no memory series for ${context.service.name}: ${expand(metrics.memory, metrics)} is empty. Check \`metrics\` of the service.`,
    )
  if (fullest.length <= CLOSE_UP) return { closeUp: fullest, count: fullest.length }
  const backMs = Math.min(HOUR_MS, windowMs)
  const limit = await limitBytes()
  const before = byName(await levelsAt(context.now - backMs), label)
  const left = (name: string) => timeLeft(now.get(name) ?? 0, before.get(name), limit)
  const fastest = fullest.filter((name) => Number.isFinite(left(name))).sort((a, b) => left(a) - left(b))
  const closeUp = new Set([...fastest.slice(0, FASTEST), ...fullest])
  return { closeUp: [...closeUp].slice(0, CLOSE_UP), count: fullest.length }
}

function byName(samples: readonly Sample[], label: string): ReadonlyMap<string, number> {
  return new Map(
    samples.flatMap(({ labels, value }): [string, number][] => {
      const name = labels[label] ?? ''
      return name === '' || Number.isNaN(value) ? [] : [[name, value]]
    }),
  )
}

/** In units of the time between the two levels; endless for one that does not grow or was not there before. */
function timeLeft(level: number, before: number | undefined, limit: number): number {
  return before === undefined || level <= before ? Number.POSITIVE_INFINITY : (limit - level) / (level - before)
}
