import { z } from 'zod'
import { duration } from '../config/fields.ts'
import type { DeployRecord } from '../datasources/datasource.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact } from '../domain/finding.ts'
import { formatTime } from '../domain/finding.ts'
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
    window: duration().prefault('6h'),
    /** From this many an hour on, deploys count as many. */
    manyPerHour: z.number().positive().default(4),
  }),
  signals: { deploys: ['many', 'few', 'none'] },
  facts: ['deploys', 'perHour', 'last', 'first', 'span', 'perDeploy', 'retained', 'sinceRestart'],
  async run(context, { window, manyPerHour }) {
    const { service, now, sources, signal } = context
    if (service.deploys === undefined)
      throw new SourceError('not-configured', service.name, `${service.name} has no \`deploys\` in incbot.yaml.`)
    const { value: deploys } = await sources.deploys().deploys(service, { from: now - window, to: now }, signal)
    const memory = await growth(context, window)
    const { perHour, spanHours } = rhythm(deploys, now)
    const verdict = memory?.worst.verdict
    const perDeploy =
      verdict?.driver === 'deploys' || verdict?.driver === 'cannot-separate' ? verdict.bytesPerDeploy : undefined
    const sinceRestart = verdict?.deploys === undefined ? undefined : Math.round(verdict.deploys)
    const each = perDeploy === undefined ? '' : `; each leaves about ${formatBytes(perDeploy, service.units)} behind`
    return {
      verdict: perDeploy === undefined ? 'clear' : 'problem',
      ...(perDeploy !== undefined && { severity: 'high' as const }),
      headline:
        deploys.length === 0
          ? `No deploys in the last ${threeDigits(window / HOUR_MS)} h`
          : `${deploys.length} deploys in ${threeDigits(spanHours)} h (${threeDigits(perHour)}/h), the last at ${formatTime(deploys.at(-1)?.at ?? now)}${each}`,
      details:
        sinceRestart !== undefined && perDeploy !== undefined
          ? [
              `${sinceRestart} of them since the last restart: about ${formatBytes(perDeploy * sinceRestart, service.units)} retained.`,
            ]
          : [],
      facts: facts(deploys, { perHour, spanHours, perDeploy, interval: verdict?.bytesPerDeployInterval, sinceRestart }),
      signals: { deploys: deploys.length === 0 ? 'none' : perHour >= manyPerHour ? 'many' : 'few' },
      charts: [],
    }
  },
})

/** Deploys can be counted without the memory; what each leaves behind cannot. */
async function growth(context: CheckContext, windowMs: number): Promise<MemoryEvidence | undefined> {
  try {
    return await memoryEvidence(context, windowMs)
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

/** Rate over the stretch in which deploys happened, until now; a single deploy has none worth stating. */
function rhythm(
  deploys: readonly DeployRecord[],
  now: number,
): { readonly perHour: number; readonly spanHours: number } {
  const first = deploys[0]?.at ?? now
  const spanHours = Math.max((now - first) / HOUR_MS, 1 / 60)
  return { spanHours, perHour: deploys.length < 2 ? 0 : deploys.length / spanHours }
}

function facts(
  deploys: readonly DeployRecord[],
  known: {
    perHour: number
    spanHours: number
    perDeploy: number | undefined
    interval: Fact['interval'] | undefined
    sinceRestart: number | undefined
  },
): readonly Fact[] {
  const { perHour, spanHours, perDeploy, interval, sinceRestart } = known
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
    { id: 'span', label: 'Since the first of them', value: spanHours, unit: 'hours' },
    time('first', 'First deploy', deploys[0]),
    time('last', 'Last deploy', deploys.at(-1)),
    sinceRestart === undefined
      ? undefined
      : { id: 'sinceRestart', label: 'Deploys since the restart', value: sinceRestart, unit: 'count' },
    sinceRestart === undefined || perDeploy === undefined
      ? undefined
      : { id: 'retained', label: 'Retained by deploys', value: perDeploy * sinceRestart, unit: 'bytes' },
  ]
  return list.filter((fact) => fact !== undefined)
}

function time(id: string, label: string, deploy: DeployRecord | undefined): Fact | undefined {
  return deploy && { id, label, value: deploy.at, unit: 'time' }
}
