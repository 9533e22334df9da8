import type { Chart } from '../domain/chart.ts'
import { formatTime } from '../domain/finding.ts'
import { ifAnswered, lastMinutes, metricsOf } from './ask-metrics.ts'
import type { CacheReport } from './cache-report.ts'
import type { CheckContext } from './check.ts'
import type { MemoryEvidence } from './memory-evidence.ts'
import { expand } from './promql.ts'

const POINTS = 360

/**
 * Resident versions of the replicas that were looked at, against the size of the cache. `history` is the PromQL that knows them; undefined
 * where it has nothing about the fullest replica, since a chart without it would show nothing.
 */
export async function residencyChart(
  context: CheckContext,
  history: string,
  report: CacheReport,
  { worst, others, deploys, from, to }: MemoryEvidence,
): Promise<Chart | undefined> {
  const { service, sources, signal } = context
  const metrics = metricsOf(service)
  const replicas = [worst.name, ...others.map(({ name }) => name)]
  const query = `sum by (${metrics.replicaLabel}) (${expand(history, metrics, replicas)})`
  const answer = await ifAnswered(sources.metrics().range(query, lastMinutes(context, to - from, POINTS), signal))
  const lines = replicas.flatMap((name): Chart['lines'] => {
    const series = answer?.value.find(({ labels }) => labels[metrics.replicaLabel] === name)
    if (series === undefined || series.points.length === 0) return []
    return [{ name, role: name === worst.name ? 'subject' : 'other', points: series.points }]
  })
  if (lines[0]?.role !== 'subject') return undefined
  const extra = report.resident.length - report.max_size
  const subtitle = `${worst.name} holds ${report.resident.length} model versions, ${extra > 0 ? `${extra} more than` : 'within'} the cache's ${report.max_size}`
  return {
    title: `${service.name} model versions in memory`,
    subtitle,
    altText: `${subtitle}. Line chart from ${formatTime(from)} to ${formatTime(to)} of ${lines.length} replicas.`,
    unit: 'count',
    byteUnits: service.units,
    ...(service.timeZone !== undefined && { timeZone: service.timeZone }),
    from,
    to,
    now: to,
    lines,
    ...(metrics.replicaLabel === 'pod' && { linesAre: 'pods' }),
    thresholds: [{ label: `cache size ${report.max_size}`, value: report.max_size }],
    markers: [
      ...(deploys ?? []).map(({ at, what }) => ({ kind: 'deploy' as const, at, label: what })),
      ...worst.verdict.restarts.map(({ at }) => ({ kind: 'restart' as const, at, label: 'restart' })),
    ],
  }
}
