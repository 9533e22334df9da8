import { z } from 'zod'
import type { FleetMoment, FleetVerdict } from '../analysis/capacity.ts'
import { judgeFleet } from '../analysis/capacity.ts'
import type { Points } from '../analysis/points.ts'
import { duration, promql } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { FindingBody, Severity } from '../domain/finding.ts'
import { ifAnswered, lastMinutes, MINUTE_MS, metricsOf, overall, valueNow } from './ask-metrics.ts'
import type { CapacityFound } from './capacity-text.ts'
import { capacityDetails, capacityFacts, capacityHeadline } from './capacity-text.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { fleetChart } from './fleet-chart.ts'
import { recentKills } from './recent-kills.ts'

/** Older than this, a fleet's size is not "now". */
const STALE_MS = 5 * MINUTE_MS

const parameters = z.strictObject({
  up: promql.describe(
    'Replicas that are up, as one number or one series each: count(up{$selector} == 1) or vector(0). Without the last part it is unknown when none is up.',
  ),
  needed: promql.describe('Replicas that the autoscaler or the plan asks for.'),
  minimum: promql.describe('The fewest replicas that the autoscaler keeps.').exactOptional(),
  maximum: promql.describe('The most replicas that it may start.').exactOptional(),
  requests: promql.describe('Requests per second; metrics.requests of the service where absent.').exactOptional(),
  errors: promql
    .describe(
      'Failed requests per second. With it, the load that is safe is measured, and a spiral told from mere lack of capacity.',
    )
    .exactOptional(),
  cpu: promql
    .describe('CPU in percent of one core (350 is three and a half), one series for each replica.')
    .exactOptional(),
  cpuTarget: z
    .number()
    .positive()
    .describe('The CPU at which the autoscaler adds replicas, in the same percent.')
    .exactOptional(),
  kills: promql
    .describe('Counter of restarts of each replica. Without it, a replica that stops reporting CPU counts as killed.')
    .exactOptional(),
  window: duration().prefault('1d').describe('How far back to look for the load that was safe.'),
})

/** Whether as many replicas are up as the traffic needs, what that asks of each, and whether the fleet can get out of it by itself. */
export const capacity = defineCheck({
  name: 'capacity',
  title: 'Capacity',
  parameters,
  signals: {
    capacity: ['capacity_gap_gt_20pct', 'capacity_ok'],
    replicas: ['up_lt_half_needed', 'up_ge_half_needed'],
    scaler: ['cpu_at_kill_below_target', 'cpu_at_kill_reaches_target'],
    spiral: ['spiral', 'no_spiral'],
  },
  facts: [
    ...['up', 'upLow', 'upHigh', 'needed', 'upShare', 'minimum', 'maximum', 'shortSince', 'rps', 'errorShare'],
    ...['perReplica', 'planned', 'overload', 'safePerReplica', 'escapeReplicas', 'shedTo', 'cpuAtKill', 'cpuTarget'],
  ],
  async run(context, settings) {
    const window = lastMinutes(context, settings.window)
    const one = (expression: string) => overall(context, 'sum', expression, window)
    const requests = settings.requests ?? context.service.metrics?.requests
    const [up, needed, rps, errors, minimum, maximum, kills] = await Promise.all([
      one(settings.up),
      one(settings.needed),
      requests === undefined ? undefined : ifAnswered(one(requests)),
      settings.errors === undefined ? undefined : ifAnswered(one(settings.errors)),
      settings.minimum === undefined ? undefined : ifAnswered(valueNow(context, settings.minimum)),
      settings.maximum === undefined ? undefined : ifAnswered(valueNow(context, settings.maximum)),
      recentKills(context, settings),
    ])
    const moments = fleetMoments(up, needed, rps, errors)
    const fleet = fresh(context, moments, kills.count)
    const found: CapacityFound = { fleet, minimum, maximum, cpu: kills.cpu, cpuTarget: settings.cpuTarget }
    return finding(found, context, moments)
  },
})

/** Moments at which both figures are known. A counter of errors begins with the first error: before that there were none. */
function fleetMoments(
  up: Points,
  needed: Points,
  requests: Points | undefined,
  errors: Points | undefined,
): readonly FleetMoment[] {
  const [asked, rps, failed] = [new Map(needed), new Map(requests), new Map(errors)]
  const errorsAreKnown = failed.size > 0
  return up.flatMap(([at, replicas]) => {
    const wanted = asked.get(at)
    if (wanted === undefined) return []
    const requestsPerSecond = rps.get(at)
    if (requestsPerSecond === undefined) return [{ at, up: replicas, needed: wanted }]
    const errorShare = requestsPerSecond > 0 ? Math.min(1, (failed.get(at) ?? 0) / requestsPerSecond) : 0
    return [{ at, up: replicas, needed: wanted, requestsPerSecond, ...(errorsAreKnown && { errorShare }) }]
  })
}

function fresh(
  { service, now }: CheckContext,
  moments: readonly FleetMoment[],
  kills: number | undefined,
): FleetVerdict {
  const { source } = metricsOf(service)
  const fleet = judgeFleet(moments, kills)
  const last = moments.at(-1)?.at
  if (fleet === undefined || last === undefined)
    throw new SourceError(
      'missing',
      source,
      `${source} does not say how many replicas of ${service.name} are up and needed. Check \`up\` and \`needed\` in the runbook.`,
    )
  if (now - last > STALE_MS)
    throw new SourceError(
      'missing',
      source,
      `${source} last said ${Math.round((now - last) / MINUTE_MS)} min ago how many replicas of ${service.name} are up and needed.`,
    )
  return fleet
}

function finding(found: CapacityFound, context: CheckContext, moments: readonly FleetMoment[]): FindingBody {
  const { fleet, cpu, cpuTarget } = found
  const spiral = fleet.load?.spiral
  return {
    verdict: fleet.isShort ? 'problem' : 'clear',
    ...(fleet.isShort && { severity: severityOf(fleet) }),
    headline: capacityHeadline(found),
    details: capacityDetails(found),
    facts: capacityFacts(found),
    signals: {
      capacity: fleet.isShort ? 'capacity_gap_gt_20pct' : 'capacity_ok',
      replicas: fleet.upShare < 0.5 ? 'up_lt_half_needed' : 'up_ge_half_needed',
      ...(cpu !== undefined &&
        cpuTarget !== undefined && {
          scaler: cpu.typical < cpuTarget ? 'cpu_at_kill_below_target' : 'cpu_at_kill_reaches_target',
        }),
      ...(spiral !== undefined && { spiral: spiral ? 'spiral' : 'no_spiral' }),
    },
    charts: [fleetChart(context, moments, fleet)],
  }
}

function severityOf({ upShare, load }: FleetVerdict): Severity {
  if (load?.spiral === true || upShare < 0.5) return 'critical'
  return 'high'
}
