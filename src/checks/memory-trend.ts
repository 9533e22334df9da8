import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { Fact, FindingBody, Severity } from '../domain/finding.ts'
import { formatHours, formatTime } from '../domain/finding.ts'
import { formatBytes, formatShare } from '../domain/units.ts'
import { defineCheck } from './check.ts'
import { memoryChart } from './memory-chart.ts'
import type { MemoryEvidence } from './memory-evidence.ts'
import { memoryEvidence } from './memory-evidence.ts'
import { roomOnNode } from './room-on-node.ts'

/** More of a crash loop's restarts say nothing new. */
const RESTARTS_SHOWN = 3

/** How full the service's memory is, how it grows, with what, and how long is left. */
export const memoryTrend = defineCheck({
  name: 'memory-trend',
  title: 'Memory trend',
  parameters: z.strictObject({
    window: duration().prefault('6h').meta({ description: 'How far back memory is looked at.' }),
  }),
  signals: {
    growth: ['deploy_step', 'time_trend', 'with_requests', 'cannot_separate', 'warm_up', 'cache_fill', 'flat'],
    level: ['above_95', 'above_80', 'below_80'],
    reset: ['restart_frees_then_regrows', 'no_restart_seen'],
  },
  facts: [
    'level',
    'limit',
    'share',
    'headroom',
    'growthPerHour',
    'timeToLimit',
    'perDeploy',
    'deploysLeft',
    'replica',
    'restarts',
    'lastRestart',
    'levelAfterRestart',
    'wholeWindowGrowthPerHour',
  ],
  async run(context, { window }) {
    const evidence = await memoryEvidence(context, window)
    const roomBytes = await roomOnNode(context, evidence.worst.name)
    const { units } = context.service
    const { verdict } = evidence.worst
    const growing = verdict.verdict === 'confirmed' || verdict.verdict === 'suspected'
    const problem = growing || verdict.share >= 0.9
    return {
      verdict: problem ? 'problem' : 'clear',
      ...(problem && { severity: severityOf(evidence, growing) }),
      headline: headline(evidence, growing, units),
      details: details(evidence, units),
      facts: facts(evidence, growing),
      signals: signals(evidence, growing),
      charts: [memoryChart(context.service, evidence, growing, roomBytes)],
    }
  },
})

type Units = Parameters<typeof formatBytes>[1]

function severityOf({ worst: { verdict } }: MemoryEvidence, growing: boolean): Severity {
  const hours = growing ? (verdict.hoursToLimit ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
  if (hours <= 1 || verdict.share >= 0.95) return 'critical'
  return hours <= 8 ? 'high' : 'medium'
}

function headline({ worst: { name, verdict }, limitBytes }: MemoryEvidence, growing: boolean, units: Units): string {
  const level = `${name} holds ${formatBytes(verdict.levelBytes, units)} of ${formatBytes(limitBytes, units)} (${formatShare(verdict.share)})`
  if (!growing) return `${level} and does not keep growing`
  const sure = verdict.verdict === 'suspected' ? 'seems to grow' : 'grows'
  const left = verdict.hoursToLimit === undefined ? '' : `; at this rate ${formatHours(verdict.hoursToLimit)} are left`
  return `${level} and ${sure} ${formatBytes(verdict.bytesPerHour, units)}/h${left}`
}

function details(
  { worst: { name, verdict }, others, replicas, limitFrom, limitBytes }: MemoryEvidence,
  units: Units,
): readonly string[] {
  const shown = others.map(
    (one) => `${one.name} ${formatBytes(one.verdict.levelBytes, units)} (${formatShare(one.verdict.share)})`,
  )
  const uncounted = replicas - others.length - 1
  const shownRestarts = verdict.restarts.slice(-RESTARTS_SHOWN)
  const earlier = verdict.restarts.length - shownRestarts.length
  const isHidden = verdict.restarts.length > 0 && verdict.wholeWindowBytesPerHour < verdict.bytesPerHour
  return [
    `Limit ${formatBytes(limitBytes, units)} from ${limitFrom}.`,
    ...(earlier > 0 ? [`${name} restarted ${earlier} times before these:`] : []),
    ...shownRestarts.map(
      (one) =>
        `${name} restarted at ${formatTime(one.at)}: ${formatBytes(one.beforeBytes, units)} → ${formatBytes(one.afterBytes, units)}.`,
    ),
    ...(isHidden
      ? [
          `End to end over the window, restarts included, that looks like only ${formatBytes(verdict.wholeWindowBytesPerHour, units)}/h.`,
        ]
      : []),
    ...(shown.length > 0
      ? [`Other replicas: ${shown.join(', ')}${uncounted > 0 ? `, and ${uncounted} more` : ''}.`]
      : []),
  ]
}

function facts({ worst: { name, verdict }, limitBytes }: MemoryEvidence, growing: boolean): readonly Fact[] {
  const last = verdict.restarts.at(-1)
  const list: (Fact | undefined)[] = [
    { id: 'level', label: 'Memory', value: verdict.levelBytes, unit: 'bytes' },
    { id: 'share', label: 'Share of limit', value: verdict.share, unit: 'share' },
    { id: 'limit', label: 'Limit', value: limitBytes, unit: 'bytes' },
    {
      id: 'headroom',
      label: 'Left below the limit',
      value: Math.max(0, limitBytes - verdict.levelBytes),
      unit: 'bytes',
    },
    { id: 'replica', label: 'Replica', value: name, unit: 'text' },
    { id: 'restarts', label: 'Restarts in the window', value: verdict.restarts.length, unit: 'count' },
    last && { id: 'lastRestart', label: 'Last restart', value: last.at, unit: 'time' },
    last && { id: 'levelAfterRestart', label: 'Memory after the last restart', value: last.afterBytes, unit: 'bytes' },
    {
      id: 'wholeWindowGrowthPerHour',
      label: 'Growth end to end',
      value: verdict.wholeWindowBytesPerHour,
      unit: 'bytesPerHour',
    },
  ]
  const growth: (Fact | undefined)[] = [
    withInterval(
      { id: 'growthPerHour', label: 'Growth', value: verdict.bytesPerHour, unit: 'bytesPerHour' },
      verdict.bytesPerHourInterval,
    ),
    optionalFact(
      { id: 'timeToLimit', label: 'Time to the limit', unit: 'hours' },
      verdict.hoursToLimit,
      verdict.hoursToLimitInterval,
    ),
    optionalFact(
      { id: 'perDeploy', label: 'Growth per deploy', unit: 'bytesPerDeploy' },
      verdict.bytesPerDeploy,
      verdict.bytesPerDeployInterval,
    ),
    optionalFact({ id: 'deploysLeft', label: 'Deploys left', unit: 'count' }, verdict.deploysLeft),
  ]
  return [...list, ...(growing ? growth : [])].filter((fact) => fact !== undefined)
}

function optionalFact(
  fact: Omit<Fact, 'value'>,
  value: number | undefined,
  interval?: Fact['interval'],
): Fact | undefined {
  return value === undefined ? undefined : withInterval({ ...fact, value }, interval)
}

function withInterval(fact: Fact, interval: Fact['interval'] | undefined): Fact {
  return interval === undefined ? fact : { ...fact, interval }
}

function signals({ worst: { verdict } }: MemoryEvidence, growing: boolean): FindingBody['signals'] {
  const freed = verdict.restarts.some((one) => one.afterBytes < 0.65 * one.beforeBytes)
  return {
    growth: growthSignal(verdict, growing),
    level: verdict.share >= 0.95 ? 'above_95' : verdict.share >= 0.8 ? 'above_80' : 'below_80',
    ...(verdict.verdict !== 'insufficient' && {
      reset: freed && growing ? 'restart_frees_then_regrows' : 'no_restart_seen',
    }),
  }
}

function growthSignal(verdict: MemoryEvidence['worst']['verdict'], growing: boolean): string {
  if (growing && verdict.driver === 'cannot-separate') return 'cannot_separate'
  switch (verdict.explanation) {
    case 'leak-per-deploy':
      return 'deploy_step'
    case 'leak-over-time':
      return 'time_trend'
    case 'leak-per-request':
    case 'traffic':
      return 'with_requests'
    case 'warm-up':
      return 'warm_up'
    case 'cache-fill':
      return 'cache_fill'
    case 'flat':
    case 'diurnal':
    case 'level-shift':
    case 'collector':
    case 'insufficient':
      return 'flat'
  }
}
