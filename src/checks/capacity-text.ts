import type { FleetVerdict } from '../analysis/capacity.ts'
import type { Fact } from '../domain/finding.ts'
import { formatPerSecond, formatTime } from '../domain/finding.ts'
import { formatShare, threeDigits } from '../domain/units.ts'
import { fact } from './facts.ts'
import type { RecentKills } from './recent-kills.ts'

/** Everything that the capacity check found out. */
export interface CapacityFound {
  readonly fleet: FleetVerdict
  readonly minimum: number | undefined
  readonly maximum: number | undefined
  readonly cpu: RecentKills['cpu']
  /** Percent of one core. */
  readonly cpuTarget: number | undefined
}

/** "5–7 of 21 needed replicas are up (24 %–33 %); each is offered 4,170/s, 3.5× what is planned". */
export function capacityHeadline({ fleet }: CapacityFound): string {
  const { needed, load } = fleet
  const up = `${upText(fleet)} of ${Math.round(needed)} needed replicas are up (${shareText(fleet)})`
  if (load === undefined) return up
  if (load.perReplica === undefined) return `${up}, so all ${formatPerSecond(load.requestsPerSecond)} requests fail`
  const planned = `${formatPerSecond(load.plannedPerReplica)} planned (${threeDigits(load.overload ?? 1)}×)`
  return `${up}; each is offered ${formatPerSecond(load.perReplica)} against ${planned}`
}

function upText({ up, upRange: { low, high } }: FleetVerdict): string {
  return Math.round(low) === Math.round(high) ? String(Math.round(up)) : `${Math.round(low)}–${Math.round(high)}`
}

function shareText({ upShare, upRange: { low, high }, needed }: FleetVerdict): string {
  if (Math.round(low) === Math.round(high) || needed <= 0) return formatShare(upShare)
  return `${Math.round((100 * low) / needed)}–${Math.round((100 * high) / needed)} %`
}

export function capacityDetails({ fleet, minimum, maximum, cpu, cpuTarget }: CapacityFound): readonly string[] {
  return [
    ...(fleet.shortSince === undefined ? [] : [`Short since ${formatTime(fleet.shortSince)}.`]),
    ...escapeText(fleet),
    ...(cpu === undefined ? [] : [cpuText(cpu, cpuTarget)]),
    ...(minimum === undefined && maximum === undefined
      ? []
      : [`The autoscaler keeps between ${minimum ?? '?'} and ${maximum ?? '?'} replicas.`]),
  ]
}

function escapeText({ load, isShort, up }: FleetVerdict): readonly string[] {
  if (load === undefined || !isShort) return []
  const { safePerReplica, safeWasSeen, escapeReplicas, shedTo, spiral } = load
  const safe = safeWasSeen ? 'was carried without errors before' : 'is planned'
  return [
    ...(spiral === true
      ? [
          `What is offered to a replica that comes up kills it, so the fleet cannot grow out of this: at ${formatPerSecond(load.killPerReplica ?? safePerReplica)} each it fails already.`,
        ]
      : []),
    `${formatPerSecond(safePerReplica)} per replica ${safe}.`,
    `Way out: bring up ${escapeReplicas} replicas out of rotation, then shift traffic to them gradually; or shed to ${formatPerSecond(shedTo)}, which ${Math.round(up)} can carry.`,
  ]
}

function cpuText({ typical }: NonNullable<RecentKills['cpu']>, target: number | undefined): string {
  const reached = `Replicas were killed at ${Math.round(typical)} % of a core`
  if (target === undefined) return `${reached}.`
  return typical < target
    ? `${reached}, below the ${Math.round(target)} % at which the autoscaler adds some: something other than CPU binds first, and it does not watch that.`
    : `${reached}; the autoscaler's target is ${Math.round(target)} %.`
}

export function capacityFacts({ fleet, minimum, maximum, cpu, cpuTarget }: CapacityFound): readonly Fact[] {
  const { up, upRange, needed, upShare, load } = fleet
  const share = needed > 0 ? { low: upRange.low / needed, high: upRange.high / needed } : undefined
  return [
    ...fact('up', 'Replicas up', 'count', up, upRange),
    ...fact('needed', 'Replicas needed', 'count', needed),
    ...fact('upShare', 'Up of needed', 'share', upShare, share),
    ...fact('perReplica', 'Load per replica', 'perSecond', load?.perReplica),
    ...fact('overload', 'Load against plan', 'factor', load?.overload),
    ...fact('planned', 'Planned load per replica', 'perSecond', load?.plannedPerReplica),
    ...fact('safePerReplica', 'Safe load per replica', 'perSecond', load?.safePerReplica),
    ...fact('escapeReplicas', 'Replicas to bring up', 'count', load?.escapeReplicas),
    ...fact('shedTo', 'Traffic that can be carried', 'perSecond', load?.shedTo),
    ...fact('rps', 'Requests', 'perSecond', load?.requestsPerSecond),
    ...fact('errorShare', 'Requests that fail', 'share', fleet.errorShare),
    ...fact(
      'cpuAtKill',
      'CPU when killed',
      'share',
      percent(cpu?.typical),
      cpu && { low: cpu.range.low / 100, high: cpu.range.high / 100 },
    ),
    ...fact('cpuTarget', 'CPU that the autoscaler waits for', 'share', percent(cpuTarget)),
    ...fact('upLow', 'Fewest up in the last hour', 'count', upRange.low),
    ...fact('upHigh', 'Most up in the last hour', 'count', upRange.high),
    ...fact('minimum', 'Fewest that the autoscaler keeps', 'count', minimum),
    ...fact('maximum', 'Most that it may start', 'count', maximum),
    ...fact('shortSince', 'Short since', 'time', fleet.shortSince),
  ]
}

function percent(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value / 100
}
