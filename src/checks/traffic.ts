import { z } from 'zod'
import type { Points } from '../analysis/points.ts'
import { typical } from '../analysis/points.ts'
import type { Hysteresis, TrafficMoment } from '../analysis/traffic.ts'
import { FAILING_FROM, hysteresis, surgeOf } from '../analysis/traffic.ts'
import { duration, promql } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import { formatPerSecond, formatTime } from '../domain/finding.ts'
import { formatShare, threeDigits } from '../domain/units.ts'
import { DAY_MS, givenOrConfigured, ifAnswered, lastMinutes, MINUTE_MS, metricsOf, overall } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'

/** Traffic is what it typically was over this long, so that one odd scrape is no surge. */
const OVER_MS = 10 * MINUTE_MS
const WEEK_MS = 7 * DAY_MS
/** Every moment of an outage is compared with every moment before it. */
const MOST_POINTS = 2_000

/** Whether more is asked of the service than at this time last week, and whether it fails under a load that it carried before. */
export const traffic = defineCheck({
  name: 'traffic',
  title: 'Traffic',
  parameters: z.strictObject({
    requests: promql
      .describe('Requests per second; metrics.requests of the service where absent. $selector is filled in.')
      .exactOptional(),
    errors: promql
      .describe('Failed requests per second. With it, errors under the same load before and now are compared.')
      .exactOptional(),
    window: duration()
      .prefault('1d')
      .describe('How far back to look for the same load; longer than the outage. Used with errors.'),
  }),
  signals: {
    surge: ['rps_up_50pct', 'rps_up_20pct', 'rps_flat_or_down'],
    hyst: ['same_rps_now_fails', 'same_rps_still_fine', 'same_rps_failed_before'],
  },
  facts: [
    'rps',
    'lastWeek',
    'yesterday',
    'factor',
    'errorShare',
    'sameLoad',
    'errorShareSameLoad',
    'errorShareSameLoadBefore',
    'onset',
  ],
  async run(context, { requests, errors, window }) {
    const expression = givenOrConfigured(context.service, requests, 'requests')
    const [now, lastWeek, yesterday, moments] = await Promise.all([
      requestsAt(context, expression, 0),
      ifAnswered(requestsAt(context, expression, WEEK_MS)),
      ifAnswered(requestsAt(context, expression, DAY_MS)),
      errors === undefined ? undefined : ifAnswered(trafficMoments(context, expression, errors, window)),
    ])
    if (now === undefined)
      throw new SourceError(
        'missing',
        metricsOf(context.service).source,
        `${metricsOf(context.service).source} has no requests of ${context.service.name} in the last 10 min: ${expression} is empty.`,
      )
    const compared = moments && hysteresis(moments)
    return finding(
      { now, lastWeek, yesterday, errorShare: errorShareNow(context, moments), compared },
      context.service.name,
    )
  },
})

interface Traffic {
  readonly now: number
  readonly lastWeek: number | undefined
  readonly yesterday: number | undefined
  readonly errorShare: number | undefined
  readonly compared: Hysteresis | undefined
}

async function requestsAt(context: CheckContext, expression: string, agoMs: number): Promise<number | undefined> {
  const to = context.now - agoMs
  const points = await overall(context, 'sum', expression, { from: to - OVER_MS, to, stepMs: MINUTE_MS })
  return typical(points, to - OVER_MS, to)
}

/** Requests and errors at the same moments; empty where no error was ever counted, which may as well be a wrong expression. */
async function trafficMoments(
  context: CheckContext,
  requests: string,
  errors: string,
  windowMs: number,
): Promise<readonly TrafficMoment[]> {
  const window = lastMinutes(context, windowMs, MOST_POINTS)
  const [asked, failed] = await Promise.all([
    overall(context, 'sum', requests, window),
    overall(context, 'sum', errors, window),
  ])
  return failed.length === 0 ? [] : join(asked, failed)
}

/** A counter of errors begins with the first error: before that there were none. */
function join(requests: Points, errors: Points): readonly TrafficMoment[] {
  const failed = new Map(errors)
  return requests.map(([at, requestsPerSecond]) => ({
    at,
    requestsPerSecond,
    errorShare: requestsPerSecond > 0 ? Math.min(1, (failed.get(at) ?? 0) / requestsPerSecond) : 0,
  }))
}

function errorShareNow({ now }: CheckContext, moments: readonly TrafficMoment[] | undefined): number | undefined {
  const shares = (moments ?? []).map((one) => [one.at, one.errorShare] as const)
  return typical(shares, now - OVER_MS, now)
}

function finding(found: Traffic, service: string): FindingBody {
  const { now, lastWeek, yesterday, errorShare, compared } = found
  const before = lastWeek ?? yesterday
  const factor = before !== undefined && before > 0 ? now / before : undefined
  const surge = factor === undefined ? undefined : surgeOf(factor)
  const failsNow = compared?.signal === 'same_rps_now_fails'
  const failing = (errorShare ?? 0) >= FAILING_FROM
  const problem = surge === 'rps_up_50pct' || failing
  const facts = factsOf(found, factor)
  const headline = headlineOf(found, factor)
  if (factor === undefined && errorShare === undefined) {
    const text = `${headline}; nothing from last week or yesterday to compare it with`
    return { ...EMPTY, verdict: 'unknown', headline: text, facts, unknown: { cause: 'missing', text } }
  }
  return {
    ...EMPTY,
    verdict: problem ? 'problem' : 'clear',
    ...(problem && {
      severity: failsNow || (errorShare ?? 0) >= 0.5 ? ('critical' as const) : failing ? 'high' : 'medium',
    }),
    headline,
    details: detailsOf(found, service),
    facts,
    signals: { ...(surge && { surge }), ...(compared && { hyst: compared.signal }) },
  }
}

const EMPTY = { details: [], signals: {}, charts: [] } as const

function headlineOf({ now, lastWeek, errorShare, compared }: Traffic, factor: number | undefined): string {
  const since = lastWeek === undefined ? 'at this time yesterday' : 'at this time last week'
  const against = factor === undefined ? '' : `, ${threeDigits(factor)}× what it was ${since}`
  const failing = errorShare === undefined ? '' : `; ${formatShare(errorShare)} of the requests fail`
  if (compared?.signal !== 'same_rps_now_fails') return `${formatPerSecond(now)} requests${against}${failing}`
  return `${formatPerSecond(now)} requests${against}${failing}; ${formatPerSecond(compared.requestsPerSecond)} was fine before (${formatShare(compared.errorShareBefore)} errors) and fails now`
}

function detailsOf({ yesterday, lastWeek, compared }: Traffic, service: string): readonly string[] {
  const times = [
    ...(lastWeek === undefined ? [] : [`last week ${formatPerSecond(lastWeek)}`]),
    ...(yesterday === undefined ? [] : [`yesterday ${formatPerSecond(yesterday)}`]),
  ]
  const onset = compared?.onset
  return [
    ...(times.length === 0 ? [] : [`At this time: ${times.join(', ')}.`]),
    ...(onset === undefined ? [] : [`${service} has been failing since ${formatTime(onset)}.`]),
    ...(compared?.signal === 'same_rps_failed_before'
      ? [`It failed at ${formatPerSecond(compared.requestsPerSecond)} before, too: short of capacity, not stuck.`]
      : []),
  ]
}

function factsOf(
  { now, lastWeek, yesterday, errorShare, compared }: Traffic,
  factor: number | undefined,
): readonly Fact[] {
  return [
    ...fact('rps', 'Requests', 'perSecond', now),
    ...fact('errorShare', 'Requests that fail', 'share', errorShare),
    ...fact('lastWeek', 'Requests a week ago', 'perSecond', lastWeek),
    ...fact('yesterday', 'Requests a day ago', 'perSecond', yesterday),
    ...fact('factor', 'Traffic against then', 'factor', factor),
    ...fact('sameLoad', 'Load that was seen before and since', 'perSecond', compared?.requestsPerSecond),
    ...fact('errorShareSameLoad', 'Requests that fail at that load since', 'share', compared?.errorShare),
    ...fact(
      'errorShareSameLoadBefore',
      'Requests that failed at that load before',
      'share',
      compared?.errorShareBefore,
    ),
    ...fact('onset', 'Failing since', 'time', compared?.onset),
  ]
}
