import type { FleetMoment, FleetVerdict } from '../analysis/capacity.ts'
import type { Chart } from '../domain/chart.ts'
import { formatTime } from '../domain/finding.ts'
import { HOUR_MS } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** The stretch before the shortage, to see what was usual, takes this many times as long as the shortage. */
const BEFORE = 3
const SHORTEST_MS = 4 * HOUR_MS

/** Replicas up against replicas needed: where the two lines part, capacity ran out. */
export function fleetChart(
  { service, now }: CheckContext,
  moments: readonly FleetMoment[],
  fleet: FleetVerdict,
): Chart {
  const since = now - Math.max(SHORTEST_MS, (1 + BEFORE) * (now - (fleet.shortSince ?? now)))
  const shown = moments.filter(({ at }) => at >= since)
  const from = shown[0]?.at ?? now
  const subtitle = `${Math.round(fleet.upRange.low)}–${Math.round(fleet.upRange.high)} up of ${Math.round(fleet.needed)} needed${fleet.shortSince === undefined ? '' : `, short since ${formatTime(fleet.shortSince)}`}`
  return {
    title: `${service.name} replicas`,
    subtitle,
    altText: `${subtitle}. Line chart from ${formatTime(from)} to ${formatTime(now)} of the replicas that are up and the replicas that are needed.`,
    unit: 'count',
    byteUnits: service.units,
    from,
    to: now,
    now,
    lines: [
      { name: 'up', role: 'subject', points: shown.map(({ at, up }) => [at, up] as const) },
      { name: 'needed', role: 'other', points: shown.map(({ at, needed }) => [at, needed] as const) },
    ],
    thresholds: [],
    markers: [],
  }
}
