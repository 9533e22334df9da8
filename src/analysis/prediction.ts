import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import { type Foreseen, type Prediction, TIME_TO_LIMIT } from '../domain/pre-alert.ts'

const HOUR_MS = 3_600_000
/** How far a forecast without an interval is trusted, either way. */
const UNSURE = 2

/**
 * What these findings say about the time ahead: the earliest limit that any check foresees. `foretelling` are ids of the checks of the runbook that
 * could say one; where one of them has no answer and none of the others foresees a limit, nothing is known. `at` in ms since the epoch.
 */
export function predictionOf(
  findings: readonly Finding[],
  foretelling: readonly string[],
  diagnosis: Diagnosis,
  at: number,
): Prediction {
  const foreseen = findings.flatMap((finding) => foreseenBy(finding, diagnosis, at))
  const [first] = foreseen.toSorted((left, right) => left.at - right.at)
  if (first !== undefined) return { is: 'limit', ...first }
  if (foretelling.length === 0)
    return { is: 'unknown', why: 'No check of this runbook can foresee a limit; memory-trend can.' }
  const silent = foretelling.flatMap((id) => {
    const finding = findings.find((one) => one.id === id)
    if (finding !== undefined && finding.verdict !== 'unknown') return []
    return [finding?.unknown?.text ?? finding?.headline ?? `The check ${id} did not run.`]
  })
  const [why] = silent
  return why === undefined ? { is: 'no-limit' } : { is: 'unknown', why }
}

function foreseenBy(finding: Finding, { leading }: Diagnosis, asOf: number): readonly Foreseen[] {
  const number = (id: string): number | undefined => {
    const value = finding.facts.find((fact) => fact.id === id)?.value
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const hours = number(TIME_TO_LIMIT)
  if (hours === undefined || finding.verdict !== 'problem') return []
  const { low, high } = finding.facts.find((fact) => fact.id === TIME_TO_LIMIT)?.interval ?? {
    low: hours / UNSURE,
    high: hours * UNSURE,
  }
  const growth = number('growthPerHour')
  const replica = finding.facts.find((fact) => fact.id === 'replica')?.value
  return [
    {
      at: asOf + hours * HOUR_MS,
      earliestAt: asOf + low * HOUR_MS,
      latestAt: asOf + high * HOUR_MS,
      asOf,
      ...(finding.severity && { severity: finding.severity }),
      ...(typeof replica === 'string' && { replica }),
      ...(growth !== undefined && { growthBytesPerHour: growth }),
      ...(leading && { hypothesis: leading.id }),
    },
  ]
}
