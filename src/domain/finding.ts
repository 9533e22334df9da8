import type { ByteUnits, Chart } from './chart.ts'
import { formatBytes, formatShare, threeDigits } from './units.ts'

export type Verdict = 'problem' | 'clear' | 'unknown'
export type Severity = 'critical' | 'high' | 'medium' | 'low'

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** How bad the worst problem among the findings is; undefined where there is none. */
export function worstSeverity(findings: readonly Finding[]): Severity | undefined {
  const found = findings.flatMap(({ verdict, severity }) => (verdict === 'problem' && severity ? [severity] : []))
  return SEVERITIES.find((severity) => found.includes(severity))
}

/** Negative where `left` is worse than `right`; no problem at all is the best. */
export function compareSeverities(left: Severity | undefined, right: Severity | undefined): number {
  const rank = (severity: Severity | undefined) =>
    severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity)
  return rank(left) - rank(right)
}

/** Why a check could not tell. `missing`: the system answered, but has no such data. */
export type UnknownCause =
  | 'timeout'
  | 'forbidden'
  | 'unauthorized'
  | 'unreachable'
  | 'bad-answer'
  | 'missing'
  | 'not-configured'
  | 'too-large'
  | 'failed'

export type Unit =
  | 'bytes'
  | 'bytesPerHour'
  | 'bytesPerDeploy'
  | 'count'
  | 'number'
  | 'factor'
  | 'perHour'
  | 'perSecond'
  | 'share'
  | 'hours'
  | 'seconds'
  | 'time'
  | 'text'

/** A typed number (or, with unit `text`, a word; with unit `time`, ms since the epoch) that a runbook's sentences may quote as `{check.id}`. */
export interface Fact {
  readonly id: string
  readonly label: string
  readonly value: number | string
  readonly unit: Unit
  /** Where the true value is expected, in the same unit. */
  readonly interval?: { readonly low: number; readonly high: number }
}

/** One question that was asked to reach a finding. */
export interface Asked {
  readonly source: string
  readonly query: string
  /** When the answer was true, ms since the epoch. */
  readonly asOf: number
  readonly tookMs: number
  readonly warnings: readonly string[]
}

/** What a check itself returns; `pipeline/run-checks` makes a `Finding` of it. */
export interface FindingBody {
  readonly verdict: Verdict
  readonly severity?: Severity
  /** One sentence with the decisive number. */
  readonly headline: string
  /** Further sentences for the thread. */
  readonly details: readonly string[]
  readonly facts: readonly Fact[]
  /** Tokens for ranking: evidence group → value, such as `growth: 'deploy_step'`. */
  readonly signals: Readonly<Record<string, string>>
  readonly charts: readonly Chart[]
  readonly unknown?: { readonly cause: UnknownCause; readonly text: string; readonly missingPermission?: string }
}

export interface Finding extends FindingBody {
  /** Id of the check in its runbook; the check's own name unless the runbook gives another. */
  readonly id: string
  readonly check: string
  readonly title: string
  readonly asked: readonly Asked[]
  readonly tookMs: number
}

/** A fact's value as text, in the service's byte units. Times are UTC, "03:42". */
export function formatFact(fact: Fact, units: ByteUnits): string {
  if (typeof fact.value === 'string') return fact.value
  return formatValue(fact.value, fact.unit, units)
}

function formatValue(value: number, unit: Unit, units: ByteUnits): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value, units)
    case 'bytesPerHour':
      return `${formatBytes(value, units)}/h`
    case 'bytesPerDeploy':
      return `${formatBytes(value, units)} per deploy`
    case 'count':
      return String(Math.round(value))
    case 'number':
      return threeDigits(value)
    case 'factor':
      return `${threeDigits(value)}×`
    case 'perHour':
      return `${threeDigits(value)}/h`
    case 'perSecond':
      return formatPerSecond(value)
    case 'share':
      return formatShare(value)
    case 'hours':
      return formatHours(value)
    case 'seconds':
      return formatSeconds(value)
    case 'time':
      return formatTime(value)
    case 'text':
      return String(value)
  }
}

/** Hours as a tired person reads them: "8 min", "3.8 h", "2 days". */
export function formatHours(hours: number): string {
  const minutes = hours * 60
  if (minutes < 1) return 'less than 1 min'
  if (minutes < 100) return `${Math.round(minutes)} min`
  if (hours < 48) return `${threeDigits(hours)} h`
  return `${Math.round(hours / 24)} days`
}

/** A duration that may be short: "180 ms", "2.5 s", "8 min". */
export function formatSeconds(seconds: number): string {
  if (Math.abs(seconds) < 1) return `${threeDigits(seconds * 1000)} ms`
  return seconds < 60 ? `${threeDigits(seconds)} s` : formatHours(seconds / 3600)
}

/** A rate without digits that nobody measured: "25,000/s", "4,170/s", "0.5/s". */
export function formatPerSecond(rate: number): string {
  if (rate < 999.5) return `${threeDigits(rate)}/s`
  return `${String(Number(rate.toPrecision(3))).replace(/\B(?=(\d{3})+$)/g, ',')}/s`
}

/** A moment as "03:42 UTC". */
export function formatTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}
