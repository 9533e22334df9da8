import type { FleetMoment, FleetVerdict } from '../analysis/capacity.ts'
import type { Chart } from '../domain/chart.ts'
import { formatTime } from '../domain/finding.ts'
import type { CheckContext } from './check.ts'

/** Replicas up against replicas needed: where the two lines part, capacity ran out. */
export function fleetChart(
  { service, now }: CheckContext,
  moments: readonly FleetMoment[],
  fleet: FleetVerdict,
): Chart {
  const from = moments[0]?.at ?? now
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
      { name: 'up', role: 'subject', points: moments.map(({ at, up }) => [at, up] as const) },
      { name: 'needed', role: 'other', points: moments.map(({ at, needed }) => [at, needed] as const) },
    ],
    thresholds: [],
    markers: [],
  }
}
