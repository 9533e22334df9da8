import type { Chart } from '../domain/chart.ts'
import { formatTime } from '../domain/finding.ts'
import { expand } from '../domain/promql.ts'
import { ifAnswered, lastMinutes, metricsOf } from './ask-metrics.ts'
import type { CacheReport } from './cache-report.ts'
import type { CheckContext } from './check.ts'
import type { MemoryEvidence } from './memory-evidence.ts'

const POINTS = 360

/**
 * Resident versions against the size of the cache: of the replicas that were looked at where PromQL knows their history, else of the
 * fullest one by when it loaded what it still holds. Undefined where neither says anything, since a chart without it would show nothing.
 */
export async function residencyChart(
  context: CheckContext,
  history: string | undefined,
  report: CacheReport,
  evidence: MemoryEvidence,
): Promise<Chart | undefined> {
  const { service } = context
  const metrics = metricsOf(service)
  const { worst, deploys, from, to } = evidence
  const lines = history === undefined ? loadedLines(report, evidence) : await historyLines(context, history, evidence)
  if (lines[0]?.role !== 'subject') return undefined
  const extra = report.resident.length - report.max_size
  const subtitle = `${worst.name} holds ${report.resident.length} model versions, ${extra > 0 ? `${extra} more than` : 'within'} the cache's ${report.max_size}`
  return {
    title: `${service.name} model versions in memory`,
    subtitle,
    altText: `${subtitle}. Line chart from ${formatTime(from)} to ${formatTime(to)} of ${lines.length === 1 ? 'one replica' : `${lines.length} replicas`}.`,
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

async function historyLines(context: CheckContext, history: string, evidence: MemoryEvidence): Promise<Chart['lines']> {
  const { worst, others, from, to } = evidence
  const metrics = metricsOf(context.service)
  const replicas = [worst.name, ...others.map(({ name }) => name)]
  const query = `sum by (${metrics.replicaLabel}) (${expand(history, metrics, replicas)})`
  const window = lastMinutes(context, to - from, POINTS)
  const answer = await ifAnswered(context.sources.metrics().range(query, window, context.signal))
  return replicas.flatMap((name): Chart['lines'] => {
    const series = answer?.value.find(({ labels }) => labels[metrics.replicaLabel] === name)
    if (series === undefined || series.points.length === 0) return []
    return [{ name, role: name === worst.name ? 'subject' : 'other', points: series.points }]
  })
}

/** What is resident now has been so since it was loaded. What was really unloaded meanwhile is not in it, so this is the least there was. */
function loadedLines({ resident }: CacheReport, { worst, from, to }: MemoryEvidence): Chart['lines'] {
  const loads = resident.flatMap((one) => (one.loaded_at === undefined ? [] : [Date.parse(one.loaded_at)]))
  if (loads.length === 0 || loads.length < resident.length) return []
  const began = worst.verdict.restarts.at(-1)?.at ?? from
  const points = Array.from({ length: POINTS + 1 }, (_, index) => from + ((to - from) * index) / POINTS).map(
    (at) => [at, at < began ? undefined : loads.filter((loadedAt) => loadedAt <= at).length] as const,
  )
  return [{ name: worst.name, role: 'subject', points }]
}
