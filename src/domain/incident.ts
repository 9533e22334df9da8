import type { Diagnosis } from './diagnosis.ts'
import type { Finding } from './finding.ts'
import type { Remediation } from './remediation.ts'

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved'

/** One run of a runbook's checks, from the moment it was decided on. */
export interface Investigation {
  readonly id: string
  readonly reason: 'opened' | 'reopened' | 'requested' | 'verification'
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
  /** Why there is no diagnosis: no service, no runbook. */
  readonly nothing?: string
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

/** PagerDuty's incident and ours in one record, or a report that somebody asked for. Times are ms since the epoch. */
export interface Incident {
  readonly id: string
  readonly origin: 'pagerduty' | 'command'
  readonly title: string
  /** Name in the catalogue; absent where the service is not in it. */
  readonly service?: string
  readonly status: IncidentStatus
  /** When PagerDuty made the status so; older transitions do not undo it. */
  readonly statusAt: number
  readonly urgency?: 'high' | 'low'
  readonly pagerduty?: PagerDutyFacts
  readonly openedAt: number
  readonly resolvedAt?: number
  readonly mergedInto?: string
  readonly mergedFrom: readonly string[]
  /** Where a command was given; the service's channel otherwise. */
  readonly channel?: string
  readonly requestedBy?: string
  /** False for an incident that was over or too old when we heard of it: kept, not acted on. */
  readonly live: boolean
  readonly investigations: readonly Investigation[]
  readonly remediations: readonly Remediation[]
  readonly refusals: readonly Refusal[]
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
