import type { Diagnosis } from './diagnosis.ts'
import type { Finding } from './finding.ts'
import type { Joined } from './joined.ts'
import type { PreAlert } from './pre-alert.ts'
import type { Remediation } from './remediation.ts'
import type { IncidentStatus } from './status.ts'
import type { EffectVerdict } from './verification.ts'

/** Another incident that was open at the same time, for people to look at. */
export interface RelatedIncident {
  readonly id: string
  readonly title: string
  readonly service: string
  /** When it began, ms since the epoch. */
  readonly since: number
  readonly url?: string
}

/** One run of a runbook's checks, from the moment it was decided on. */
export interface Investigation {
  readonly id: string
  readonly reason: 'opened' | 'reopened' | 'more-urgent' | 'requested' | 'verification' | 'scheduled'
  /** The remediation whose effect a verification measures. */
  readonly verifies?: string
  readonly state: 'running' | 'finished' | 'cancelled'
  readonly startedAt: number
  readonly finishedAt?: number
  /** Absent until a runbook was chosen, and where none matched. */
  readonly runbook?: string
  /** How many checks run; known once they do. */
  readonly checks: number
  readonly findings: readonly Finding[]
  readonly diagnosis?: Diagnosis
  /** Of a verification: what the remediation bought, in sentences. */
  readonly followUp?: readonly string[]
  readonly verdict?: EffectVerdict
  /** A scheduled run that had no news: the card shows its numbers, and nothing is posted about it. */
  readonly isQuiet?: boolean
  /** Why there is no diagnosis: no service, no runbook. */
  readonly nothing?: string
  /** Absent where there were none. */
  readonly related?: readonly RelatedIncident[]
}

/** A click or command that was not carried out, to be told to the person who gave it. */
export interface Refusal {
  readonly id: string
  readonly user: string
  readonly channel: string
  readonly text: string
  readonly at: number
}

export interface PagerDutyFacts {
  readonly incidentId: string
  readonly number?: number
  readonly url?: string
  readonly serviceId: string
  readonly serviceName: string
  readonly escalationPolicyId?: string
}

/** Of the alert that made an incident. */
export interface AlertOrigin {
  /** What it says that it is about, for people to read. */
  readonly serviceName: string
  readonly url?: string
  /** Annotations and labels. */
  readonly details: Readonly<Record<string, string>>
}

/** A pre-alert that was open when an incident of its service began. */
export interface ForeseenBy {
  readonly incidentId: string
  readonly openedAt: number
  /** When the limit was to be met, as foreseen last; ms since the epoch. */
  readonly at?: number
}

/**
 * PagerDuty's incident or Alertmanager's alert and ours in one record, a report that somebody asked for, or what scheduled checks have found.
 * Times are ms since the epoch.
 */
export interface Incident {
  readonly id: string
  readonly origin: 'pagerduty' | 'alertmanager' | 'command' | 'schedule'
  readonly title: string
  /** Name in the catalogue; absent where the service is not in it. */
  readonly service?: string
  readonly status: IncidentStatus
  /** When its source made the status so; older transitions do not undo it. */
  readonly statusAt: number
  /** The highest of those that are part of it. */
  readonly urgency?: 'high' | 'low'
  readonly pagerduty?: PagerDutyFacts
  readonly alert?: AlertOrigin
  /** Absent where nothing joined it. */
  readonly joined?: Joined
  readonly openedAt: number
  readonly resolvedAt?: number
  readonly mergedInto?: string
  readonly mergedFrom: readonly string[]
  /** Where a command was given; the service's channel otherwise. */
  readonly channel?: string
  readonly requestedBy?: string
  /** Of what scheduled checks have found. */
  readonly preAlert?: PreAlert
  readonly foreseenBy?: ForeseenBy
  /** False for an incident that was over or too old when we heard of it, and for a watch without a pre-alert: kept, not posted. */
  readonly live: boolean
  readonly investigations: readonly Investigation[]
  readonly remediations: readonly Remediation[]
  readonly refusals: readonly Refusal[]
}

/** Whether a monitor made it: not what somebody asked for, nor what a schedule found. */
export function isAlarm({ origin }: Pick<Incident, 'origin'>): boolean {
  return origin === 'pagerduty' || origin === 'alertmanager'
}

/** The investigation whose diagnosis the card shows: the last finished one that was not a verification. */
export function currentInvestigation(incident: Incident): Investigation | undefined {
  const diagnosing = incident.investigations.filter((one) => one.reason !== 'verification' && one.state !== 'cancelled')
  return diagnosing.findLast((one) => one.state === 'finished') ?? diagnosing.at(-1)
}

export function remediationOf(incident: Incident, id: string): Remediation | undefined {
  return incident.remediations.find((one) => one.id === id)
}

/** The same incident with one remediation changed. */
export function withRemediation(incident: Incident, id: string, change: Partial<Remediation>): Incident {
  return {
    ...incident,
    remediations: incident.remediations.map((one) => (one.id === id ? { ...one, ...change } : one)),
  }
}

/** The same incident with one investigation changed. */
export function withInvestigation(incident: Incident, id: string, change: Partial<Investigation>): Incident {
  return {
    ...incident,
    investigations: incident.investigations.map((one) => (one.id === id ? { ...one, ...change } : one)),
  }
}
