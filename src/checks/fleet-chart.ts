import type { FleetMoment, FleetVerdict } from '../analysis/capacity.ts'
import { rangeOf } from '../analysis/points.ts'
import type { Chart } from '../domain/chart.ts'
import { formatPerSecond, formatTime } from '../domain/finding.ts'
import { threeDigits } from '../domain/units.ts'
import { HOUR_MS } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** The stretch before the shortage, to see what was usual, takes this many times as long as the shortage. */
const BEFORE = 3
const SHORTEST_MS = 4 * HOUR_MS

/** Replicas up against replicas needed: where the two lines part, capacity ran out. A chart has one unit, so traffic is put in words. */
export function fleetChart(
  { service, now }: CheckContext,
  moments: readonly FleetMoment[],
  fleet: FleetVerdict,
): Chart {
  const since = now - Math.max(SHORTEST_MS, (1 + BEFORE) * (now - (fleet.shortSince ?? now)))
  const shown = moments.filter(({ at }) => at >= since)
  const from = shown[0]?.at ?? now
  const subtitle = `${Math.round(fleet.upRange.low)}–${Math.round(fleet.upRange.high)} up of ${Math.round(fleet.needed)} needed${fleet.shortSince === undefined ? '' : `, short since ${formatTime(fleet.shortSince)}`}${traffic(fleet)}`
  return {
    title: `${service.name} replicas`,
    subtitle,
    altText: `${subtitle}. Line chart from ${formatTime(from)} to ${formatTime(now)} of the replicas that are up and the replicas that are needed.${trafficInFull(fleet, shown)}`,
    unit: 'count',
    byteUnits: service.units,
    ...(service.timeZone !== undefined && { timeZone: service.timeZone }),
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

function traffic({ load }: FleetVerdict): string {
  if (load === undefined) return ''
  const times = load.overload === undefined ? '' : `, ${threeDigits(load.overload)}× the plan each`
  return `; ${formatPerSecond(load.requestsPerSecond)} requested${times}`
}

function trafficInFull({ load }: FleetVerdict, moments: readonly FleetMoment[]): string {
  const range = rangeOf(moments.flatMap(({ requestsPerSecond }) => requestsPerSecond ?? []))
  if (load === undefined || range === undefined) return ''
  const each =
    load.perReplica === undefined
      ? ''
      : ` Each replica is offered ${formatPerSecond(load.perReplica)}, planned ${formatPerSecond(load.plannedPerReplica)}.`
  return `${each} Requests in that time: between ${formatPerSecond(range.low)} and ${formatPerSecond(range.high)}.`
}
