import type { Chart } from '../domain/chart.ts'
import { formatHours, formatTime } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes, formatShare } from '../domain/units.ts'
import type { MemoryEvidence, ReplicaMemory } from './memory-evidence.ts'

const HOUR_MS = 3_600_000
/** The future takes at most this share of the picture. */
const FUTURE = 0.25
/** So many times the usual distance between samples is a gap. */
const GAP = 4

/**
 * Memory of the fullest replicas against the limit, with deploys, restarts of the worst one, and where it is heading. `roomBytes` is what
 * the worst one's node can give, where that is known; it is drawn where it ends before the limit.
 */
export function memoryChart(
  service: Service,
  evidence: MemoryEvidence,
  growing: boolean,
  roomBytes: number | undefined,
): Chart {
  const { worst, others, limitBytes, deploys, from, to } = evidence
  const { verdict } = worst
  const futureMs = growing ? Math.min((verdict.hoursToLimit ?? 1) * 1.5 * HOUR_MS, (to - from) * FUTURE) : 0
  const subtitle = describe(evidence, growing, service)
  const thresholds = [
    { label: `limit ${formatBytes(limitBytes, service.units)}`, value: limitBytes },
    ...(roomBytes !== undefined && roomBytes < limitBytes
      ? [{ label: `allocatable ${formatBytes(roomBytes, service.units)}`, value: roomBytes }]
      : []),
  ]
  return {
    title: `${service.name} memory`,
    subtitle,
    altText: `${subtitle}. Line chart from ${formatTime(from)} to ${formatTime(to)} of ${others.length + 1} replicas; ${thresholds.map(({ label }) => label).join(', ')}.`,
    unit: 'bytes',
    byteUnits: service.units,
    ...(service.timeZone !== undefined && { timeZone: service.timeZone }),
    from,
    to: to + futureMs,
    now: to,
    lines: [line(worst, 'subject'), ...others.map((one) => line(one, 'other'))],
    ...(service.metrics?.replicaLabel === 'pod' && { linesAre: 'pods' }),
    thresholds,
    markers: [
      ...(deploys ?? []).map(({ at, what }) => ({ kind: 'deploy' as const, at, label: what })),
      ...verdict.restarts.map(({ at }) => ({ kind: 'restart' as const, at, label: 'restart' })),
    ],
    ...(futureMs > 0 && { forecast: forecast(evidence, futureMs / HOUR_MS) }),
  }
}

function describe(
  { worst: { name, verdict }, limitBytes }: MemoryEvidence,
  growing: boolean,
  { units }: Service,
): string {
  const level = `${name} at ${formatBytes(verdict.levelBytes, units)} of ${formatBytes(limitBytes, units)} (${formatShare(verdict.share)})`
  if (!growing) return `${level}, not growing`
  const left = verdict.hoursToLimit === undefined ? '' : `, ${formatHours(verdict.hoursToLimit)} left`
  return `${level}, +${formatBytes(verdict.bytesPerHour, units)}/h${left}`
}

function forecast({ worst: { verdict } }: MemoryEvidence, hours: number): NonNullable<Chart['forecast']> {
  const { levelBytes, bytesPerHour, bytesPerHourInterval } = verdict
  return {
    value: levelBytes,
    atEnd: levelBytes + bytesPerHour * hours,
    low: levelBytes + (bytesPerHourInterval?.low ?? bytesPerHour) * hours,
    high: levelBytes + (bytesPerHourInterval?.high ?? bytesPerHour) * hours,
  }
}

/** A replica that was not there for a while has a gap, not a straight line across it. */
function line({ name, points }: ReplicaMemory, role: 'subject' | 'other'): Chart['lines'][number] {
  const usual = median(points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)))
  return {
    name,
    role,
    points: points.flatMap(([at, bytes], index) => {
      const before = points[index - 1]?.[0] ?? at
      const here = [at, Math.round(bytes)] as const
      return at - before > GAP * usual ? [[before + usual, undefined] as const, here] : [here]
    }),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
