import type { ByteUnits } from '../domain/chart.ts'
import type { Finding } from '../domain/finding.ts'
import { formatHours, formatTime } from '../domain/finding.ts'
import { formatBytes } from '../domain/units.ts'
import { statedGrowth } from './stated-growth.ts'

/** What a diagnosis is made on the occasion of. */
export interface Occasion {
  /** ms since the epoch. */
  readonly at: number
  /** Title, labels and details of the alert, as somebody wrote them. */
  readonly alert: readonly string[]
}

/** Rates this far apart are not two measurements of the same thing. */
const APART = 0.3
const HOUR_MS = 3_600_000

/**
 * Numbers that do not fit each other, and what would reconcile them. What each deploy leaves behind, times the deploys, must give the
 * growth; where the alert, or memory end to end, tells another story, a restart in between is the usual reason.
 */
export function contradictions(
  findings: readonly Finding[],
  units: ByteUnits,
  { at, alert }: Occasion,
): readonly string[] {
  const fact = (check: string, id: string): number | undefined => {
    const value = findings
      .find((one) => one.check === check && one.verdict !== 'unknown')
      ?.facts.find((one) => one.id === id)?.value
    return typeof value === 'number' ? value : undefined
  }
  const perDeploy = fact('memory-trend', 'perDeploy')
  const restartedAt = fact('memory-trend', 'lastRestart')
  const deploys = restartedAt === undefined ? fact('deploy-count', 'deploys') : fact('deploy-count', 'sinceRestart')
  const hours = restartedAt === undefined ? fact('deploy-count', 'span') : (at - restartedAt) / HOUR_MS
  const stated = statedGrowth(alert)
  const told = stated ?? fact('memory-trend', 'wholeWindowGrowthPerHour')
  if (perDeploy === undefined || deploys === undefined || hours === undefined || told === undefined || !(hours > 0))
    return []
  const added = (perDeploy * deploys) / hours
  if (Math.abs(added - told) <= APART * Math.max(added, told)) return []
  const bytes = (value: number) => formatBytes(value, units)
  const story = stated === undefined ? `End to end memory grew ${bytes(told)}/h` : `The alert says ${bytes(told)}/h`
  const sum = `${deploys} deploys × ${bytes(perDeploy)} in ${formatHours(hours)} make ${bytes(added)}/h`
  const reconciled =
    restartedAt === undefined
      ? `look for a restart near ${formatTime(at - hours * HOUR_MS)}`
      : `the restart at ${formatTime(restartedAt)} reconciles them, since a rate across it hides what was freed`
  const headroom = fact('memory-trend', 'headroom')
  const left =
    headroom === undefined || !(told > 0)
      ? ''
      : ` That leaves ${formatHours(headroom / added)}, not ${formatHours(headroom / told)}.`
  return [`${story}, but ${sum}: ${reconciled}.${left}`]
}
