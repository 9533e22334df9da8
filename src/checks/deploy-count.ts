import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { DeployRecord } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact } from '../domain/finding.ts'
import { formatHours, formatTime } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes, threeDigits } from '../domain/units.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import type { MemoryEvidence } from './memory-evidence.ts'
import { memoryEvidence } from './memory-evidence.ts'

const HOUR_MS = 3_600_000

/** How often the service was deployed, when, and what each deploy leaves behind in memory. */
export const deployCount = defineCheck({
  name: 'deploy-count',
  title: 'Deploys',
  parameters: z.strictObject({
    window: duration().prefault('6h').meta({ description: 'How far back deploys are counted.' }),
    manyPerHour: z
      .number()
      .positive()
      .default(4)
      .meta({ description: 'From this many an hour on, deploys count as many.' }),
  }),
  signals: { deploys: ['many', 'few', 'none'] },
  facts: ['deploys', 'perHour', 'last', 'first', 'span', 'perDeploy', 'retained', 'sinceRestart'],
  async run(context, { window, manyPerHour }) {
    const { service, now, sources, signal } = context
    if (service.deploys === undefined)
      throw new SourceError('not-configured', service.name, `${service.name} has no \`deploys\` in incbot.yaml.`)
    const { value: deploys } = await sources.deploys().deploys(service, { from: now - window, to: now }, signal)
    const memory = await growth(context, window)
    const pace = paceOf(deploys, now, window)
    const kept = keptBy(memory)
    const each =
      kept.perDeploy === undefined ? '' : `; each leaves about ${formatBytes(kept.perDeploy, service.units)} behind`
    return {
      verdict: kept.perDeploy === undefined ? 'clear' : 'problem',
      ...(kept.perDeploy !== undefined && { severity: 'high' as const }),
      headline: `${headline(deploys, pace, window)}${each}`,
      details: details(kept, service),
      facts: facts(deploys, pace, kept),
      signals: { deploys: deploys.length === 0 ? 'none' : pace.perHour >= manyPerHour ? 'many' : 'few' },
      charts: [],
    }
  },
})

interface Pace {
  readonly perHour: number
  /** The stretch in which they happened, until now: the whole window where they had begun before it. */
  readonly spanHours: number
}

/** What the analysis of memory says of deploys, for the replica that it judges by. */
interface Kept {
  readonly perDeploy: number | undefined
  readonly interval: Fact['interval'] | undefined
  /** Deploys that the present process has seen in the window. */
  readonly sinceRestart: number | undefined
  readonly restarted: boolean
}

function keptBy(memory: MemoryEvidence | undefined): Kept {
  const verdict = memory?.worst.verdict
  const byDeploys = verdict?.driver === 'deploys' || verdict?.driver === 'cannot-separate'
  return {
    perDeploy: byDeploys ? verdict.bytesPerDeploy : undefined,
    interval: byDeploys ? verdict.bytesPerDeployInterval : undefined,
    sinceRestart: verdict?.deploys === undefined ? undefined : Math.round(verdict.deploys),
    restarted: (verdict?.restarts.length ?? 0) > 0,
  }
}

function headline(deploys: readonly DeployRecord[], { perHour, spanHours }: Pace, windowMs: number): string {
  const [first] = deploys
  const last = deploys.at(-1)
  if (first === undefined || last === undefined) return `No deploys in the last ${formatHours(windowMs / HOUR_MS)}`
  if (deploys.length === 1)
    return `One deploy in the last ${formatHours(windowMs / HOUR_MS)}, at ${formatTime(first.at)}`
  return `${deploys.length} deploys in ${formatHours(spanHours)} (${threeDigits(perHour)}/h), the last at ${formatTime(last.at)}`
}

function details({ perDeploy, sinceRestart, restarted }: Kept, { units }: Service): readonly string[] {
  if (perDeploy === undefined || sinceRestart === undefined) return []
  const retained = `about ${formatBytes(perDeploy * sinceRestart, units)} retained`
  return [
    restarted
      ? `${sinceRestart} of them since the last restart: ${retained}.`
      : `No restart in that time: ${sinceRestart} deploys, ${retained}.`,
  ]
}

/** Deploys can be counted without the memory; what each leaves behind cannot. */
async function growth(context: CheckContext, windowMs: number): Promise<MemoryEvidence | undefined> {
  try {
    return await memoryEvidence(context, windowMs)
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

/**
 * Over the stretch in which deploys happened, or over the window where they go back to its start (the first comes within the usual gap).
 * Counted over an hour at least: two in a minute are not a hundred an hour.
 */
function paceOf(deploys: readonly DeployRecord[], now: number, windowMs: number): Pace {
  const first = deploys[0]?.at ?? now
  const sinceFirst = now - first
  const usualGap = sinceFirst / Math.max(1, deploys.length)
  const spanMs = windowMs - sinceFirst <= usualGap ? windowMs : sinceFirst
  const counted = Math.max(spanMs, Math.min(HOUR_MS, windowMs))
  return { spanHours: spanMs / HOUR_MS, perHour: deploys.length / (counted / HOUR_MS) }
}

function facts(
  deploys: readonly DeployRecord[],
  { perHour, spanHours }: Pace,
  { perDeploy, interval, sinceRestart }: Kept,
): readonly Fact[] {
  const list: (Fact | undefined)[] = [
    { id: 'deploys', label: 'Deploys', value: deploys.length, unit: 'count' },
    perDeploy === undefined
      ? undefined
      : {
          id: 'perDeploy',
          label: 'Growth per deploy',
          value: perDeploy,
          unit: 'bytesPerDeploy',
          ...(interval && { interval }),
        },
    { id: 'perHour', label: 'Deploys per hour', value: perHour, unit: 'perHour' },
    { id: 'span', label: 'Time in which they happened', value: spanHours, unit: 'hours' },
    time('first', 'First deploy', deploys[0]),
    time('last', 'Last deploy', deploys.at(-1)),
    sinceRestart === undefined
      ? undefined
      : { id: 'sinceRestart', label: 'Deploys in the present run', value: sinceRestart, unit: 'count' },
    sinceRestart === undefined || perDeploy === undefined
      ? undefined
      : { id: 'retained', label: 'Retained by deploys', value: perDeploy * sinceRestart, unit: 'bytes' },
  ]
  return list.filter((fact) => fact !== undefined)
}

function time(id: string, label: string, deploy: DeployRecord | undefined): Fact | undefined {
  return deploy && { id, label, value: deploy.at, unit: 'time' }
}
