import { z } from 'zod'
import { duration, promql } from '../config/fields.ts'
import type { Sample } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { FindingBody } from '../domain/finding.ts'
import { formatHours } from '../domain/finding.ts'
import { expand } from '../domain/promql.ts'
import type { Service } from '../domain/service.ts'
import { threeDigits } from '../domain/units.ts'
import { HOUR_MS, metricsOf } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'
import { emitted, ownSignal, ownSignals } from './own-signal.ts'
import { againstLimits, brokenLimit, numberParameters, written } from './threshold.ts'

const fields = z.strictObject({
  ...numberParameters,
  query: promql.describe(
    'What to ask; $selector is filled in. An empty answer is unknown: where it means none, say "or vector(0)".',
  ),
  of: z
    .enum(['highest', 'lowest'])
    .describe(
      'Of several series this one counts; the highest where absent, or the lowest with only below or ratioBelow.',
    )
    .exactOptional(),
  baseline: duration()
    .describe('Compare with the value this long ago, instead of with above and below.')
    .exactOptional(),
  ratioAbove: z.number().positive().describe('More than this multiple of the baseline is a problem.').exactOptional(),
  ratioBelow: z.number().positive().describe('Less than this multiple of the baseline is a problem.').exactOptional(),
  signal: ownSignal.exactOptional(),
})

type Settings = z.output<typeof fields>

function hasRatio({ ratioAbove, ratioBelow }: Settings): boolean {
  return ratioAbove !== undefined || ratioBelow !== undefined
}

function isComparison(one: Settings): boolean {
  return one.baseline !== undefined || hasRatio(one)
}

function isThreshold({ above, below }: Settings): boolean {
  return above !== undefined || below !== undefined
}

const parameters = fields
  .refine((one) => !isComparison(one) || !isThreshold(one), {
    error: 'expected either above or below, or a baseline with ratioAbove or ratioBelow, not both',
  })
  .refine((one) => !isComparison(one) || (one.baseline !== undefined && hasRatio(one)), {
    error: 'a baseline needs ratioAbove or ratioBelow, and these need a baseline',
  })
  .refine((one) => one.signal === undefined || isComparison(one) || isThreshold(one), {
    error: 'a signal needs something to judge by: above or below, or a baseline',
  })

/** Any number that Prometheus knows, against a limit or against what it was; with neither it is only stated, for sentences to quote. */
export const prometheusQuery = defineCheck({
  name: 'prometheus-query',
  title: 'Metric',
  parameters,
  signals: ownSignals,
  facts: ['value', 'threshold', 'baseline', 'ratio', 'series'],
  async run(context, settings) {
    const { service } = context
    const { baseline, query } = settings
    const [now, before] = await Promise.all([
      decisive(context, settings, context.now),
      baseline === undefined ? undefined : decisive(context, settings, context.now - baseline),
    ])
    if (now === undefined) throw empty(context, query, 'now')
    if (baseline === undefined) return againstThreshold(service, settings, now)
    const ago = `${formatHours(baseline / HOUR_MS)} ago`
    if (before === undefined) throw empty(context, query, ago)
    if (before.value === 0)
      throw new SourceError(
        'missing',
        metricsOf(service).source,
        `${settings.what} was 0 ${ago}; no multiple of that can be told.`,
      )
    return againstBaseline(service, settings, now, before.value, ago)
  },
})

async function decisive(context: CheckContext, settings: Settings, at: number): Promise<Sample | undefined> {
  const query = expand(settings.query, metricsOf(context.service))
  const { value } = await context.sources.metrics().instant(query, at, context.signal)
  const sign = settings.of === 'lowest' || (settings.of === undefined && onlyBelow(settings)) ? -1 : 1
  return value
    .filter((sample) => !Number.isNaN(sample.value))
    .reduce<Sample | undefined>((best, one) => (best && sign * best.value >= sign * one.value ? best : one), undefined)
}

function onlyBelow({ above, below, ratioAbove, ratioBelow }: Settings): boolean {
  return (below ?? ratioBelow) !== undefined && above === undefined && ratioAbove === undefined
}

function empty({ service }: CheckContext, query: string, when: string): SourceError {
  const { source } = metricsOf(service)
  return new SourceError('missing', source, `${source} has no value for ${query} ${when}.`)
}

function againstThreshold(service: Service, settings: Settings, now: Sample): FindingBody {
  const { what, unit } = settings
  const broken = brokenLimit(now.value, settings)
  const write = (value: number) => written(value, unit, service)
  const against = isThreshold(settings) ? `, ${againstLimits(now.value, settings, write)}` : ''
  return {
    ...body(settings, broken !== undefined, now),
    headline: `${what} is ${write(now.value)}${against}`,
    facts: [
      ...fact('value', what, unit, now.value),
      ...fact('threshold', 'Limit', unit, broken === 'below' ? settings.below : (settings.above ?? settings.below)),
      ...fact('series', 'Series', 'text', labelsOf(now)),
    ],
  }
}

function againstBaseline(service: Service, settings: Settings, now: Sample, before: number, ago: string): FindingBody {
  const { what, unit, ratioAbove, ratioBelow } = settings
  const ratio = now.value / before
  const limits = {
    ...(ratioAbove !== undefined && { above: ratioAbove }),
    ...(ratioBelow !== undefined && { below: ratioBelow }),
  }
  const broken = brokenLimit(ratio, limits)
  const times = (value: number) => `${threeDigits(value)}×`
  return {
    ...body(settings, broken !== undefined, now),
    headline: `${what} is ${written(now.value, unit, service)}, ${times(ratio)} the ${written(before, unit, service)} of ${ago} (${againstLimits(ratio, limits, times)})`,
    facts: [
      ...fact('value', what, unit, now.value),
      ...fact('baseline', `${what} ${ago}`, unit, before),
      ...fact('ratio', `${what} against ${ago}`, 'factor', ratio),
      ...fact('threshold', 'Limit', 'factor', broken === 'below' ? ratioBelow : (ratioAbove ?? ratioBelow)),
      ...fact('series', 'Series', 'text', labelsOf(now)),
    ],
  }
}

function body(
  { severity, signal }: Settings,
  isProblem: boolean,
  now: Sample,
): Omit<FindingBody, 'headline' | 'facts'> {
  const series = labelsOf(now)
  return {
    verdict: isProblem ? 'problem' : 'clear',
    ...(isProblem && { severity }),
    details: series === undefined ? [] : [`Series: ${series}.`],
    signals: emitted(signal, isProblem),
    charts: [],
  }
}

/** "pod=web-1, node=n2"; undefined where the series has no labels to tell it by. */
function labelsOf({ labels }: Sample): string | undefined {
  const named = Object.entries(labels).filter(([name]) => name !== '__name__')
  return named.length === 0 ? undefined : named.map(([name, value]) => `${name}=${value}`).join(', ')
}
