import { z } from 'zod'
import { latencySignal, latencyWithMemory, swapping } from '../analysis/latency.ts'
import { quantile } from '../analysis/memory/numbers.ts'
import type { Points } from '../analysis/points.ts'
import { typical, valuesOf } from '../analysis/points.ts'
import { duration, promql } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { FindingBody } from '../domain/finding.ts'
import { formatHours, formatSeconds } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes, threeDigits } from '../domain/units.ts'
import { HOUR_MS, ifAnswered, lastMinutes, MINUTE_MS, metricsOf, overall } from './ask-metrics.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'

const NOW_MS = 10 * MINUTE_MS
const BASELINE_MS = 30 * MINUTE_MS

/** Whether the slowest requests got slower, whether that goes with memory, and whether memory is being swapped out. */
export const latency = defineCheck({
  name: 'latency',
  title: 'Latency',
  parameters: z.strictObject({
    p99: promql.describe('99th percentile of the latency in seconds; of several replicas the slowest counts.'),
    memory: promql.describe('Memory in bytes; metrics.memory of the service where absent.').exactOptional(),
    swap: promql
      .describe('Bytes in swap, such as node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes.')
      .exactOptional(),
    window: duration().prefault('6h').describe('Over how long latency and memory are compared.'),
    baseline: duration().prefault('7d').describe('How long ago latency was normal.'),
    upFrom: z.number().gt(1).default(1.5).describe('From this multiple of the normal on, latency is up.'),
  }),
  signals: {
    latency: ['p99_up_with_memory', 'p99_up', 'p99_normal'],
    swap: ['swapping', 'no_swap'],
  },
  facts: ['p99', 'baseline', 'factor', 'correlation', 'swap', 'swapRise'],
  async run(context, { p99, memory, swap, window, baseline, upFrom }) {
    const { now, service } = context
    const within = lastMinutes(context, window)
    const then = now - baseline
    const [series, used, earlier, swapped] = await Promise.all([
      overall(context, 'max', p99, within),
      ifAnswered(overall(context, 'max', memory ?? metricsOf(service).memory, within)),
      ifAnswered(overall(context, 'max', p99, { from: then - BASELINE_MS, to: then, stepMs: MINUTE_MS })),
      swap === undefined ? undefined : ifAnswered(overall(context, 'sum', swap, lastMinutes(context, HOUR_MS))),
    ])
    const current = typical(series, now - NOW_MS, now)
    if (current === undefined)
      throw new SourceError(
        'missing',
        metricsOf(service).source,
        `${metricsOf(service).source} has no latency of ${service.name} in the last 10 min: ${p99} is empty.`,
      )
    const normal = normalOf(series, earlier ?? [], then, baseline)
    return finding(service, {
      current,
      normal,
      isUp: normal.seconds > 0 && current >= upFrom * normal.seconds,
      correlation: used && latencyWithMemory(series, used),
      swap: swapped && swapping(swapped),
    })
  },
})

interface Normal {
  readonly seconds: number
  readonly when: string
}

/** What it was then; where metrics do not reach back that far, the better quarter of the window, in which a long rise is understated. */
function normalOf(series: Points, earlier: Points, then: number, baselineMs: number): Normal {
  const before = typical(earlier, then - BASELINE_MS, then)
  if (before !== undefined && before > 0) return { seconds: before, when: `${formatHours(baselineMs / HOUR_MS)} ago` }
  return { seconds: quantile(valuesOf(series), 0.25), when: 'in the better part of the window' }
}

interface Slowness {
  readonly current: number
  readonly normal: Normal
  readonly isUp: boolean
  readonly correlation: number | undefined
  readonly swap: ReturnType<typeof swapping>
}

function finding(service: Service, found: Slowness): FindingBody {
  const { current, normal, isUp, correlation, swap } = found
  const signal = latencySignal(isUp, correlation)
  const factor = normal.seconds > 0 ? current / normal.seconds : undefined
  const problem = isUp || swap?.isRising === true
  return {
    verdict: problem ? 'problem' : 'clear',
    ...(problem && { severity: swap?.isRising === true ? ('high' as const) : 'medium' }),
    headline: headline(found, factor),
    details: details(service, found),
    facts: [
      ...fact('p99', 'p99 latency', 'seconds', current),
      ...fact('baseline', 'p99 latency normally', 'seconds', normal.seconds),
      ...fact('factor', 'p99 latency against normal', 'factor', factor),
      ...fact('swap', 'In swap', 'bytes', swap?.usedBytes),
      ...fact('correlation', 'Rank correlation with memory', 'number', correlation),
      ...fact('swapRise', 'More in swap than before', 'bytes', swap?.risenBytes),
    ],
    signals: { latency: signal, ...(swap && { swap: swap.isRising ? 'swapping' : 'no_swap' }) },
    charts: [],
  }
}

function headline({ current, normal, isUp, correlation }: Slowness, factor: number | undefined): string {
  const level = `p99 latency is ${formatSeconds(current)}`
  if (!isUp) return `${level}, normal (${formatSeconds(normal.seconds)} ${normal.when})`
  const with_ = latencySignal(isUp, correlation) === 'p99_up_with_memory' ? ', and rises with memory' : ''
  return `${level}, ${threeDigits(factor ?? 1)}× the ${formatSeconds(normal.seconds)} ${normal.when}${with_}`
}

function details({ units }: Service, { correlation, swap, isUp }: Slowness): readonly string[] {
  return [
    ...(isUp && correlation !== undefined ? [`Rank correlation with memory: ${threeDigits(correlation)}.`] : []),
    ...(swap === undefined || swap.usedBytes <= 0
      ? []
      : [
          swap.isRising
            ? `${formatBytes(swap.usedBytes, units)} are in swap, and they rose by ${formatBytes(swap.risenBytes, units)} within the hour.`
            : `${formatBytes(swap.usedBytes, units)} are in swap, no more than an hour ago.`,
        ]),
  ]
}
