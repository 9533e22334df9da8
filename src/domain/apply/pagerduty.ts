import type { Incident, IncidentStatus, Investigation } from '../incident.ts'
import type { PagerDutyEvent } from '../pagerduty-event.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
import { startInvestigation } from './investigation.ts'

type IncidentWebhook = Extract<PagerDutyEvent, { kind: 'incident' }>

/** PagerDuty retries for 48 h; what is older than that, with an hour to spare, is history and not acted on. */
export const STALE_AFTER_MS = 49 * 3_600_000

/** A transition that PagerDuty reported, by webhook or found by the sweep. */
export function applyPagerDuty(before: Incident | undefined, event: IncidentWebhook, context: ApplyContext): Applied {
  const at = Date.parse(event.occurredAt)
  const entry: TimelineEntry = {
    at: context.now,
    actor: event.agent ?? 'pagerduty',
    type: `pagerduty.${event.transition}`,
    text: `PagerDuty: ${event.transition.replace('_', ' ')}`,
    data: { eventId: event.eventId, occurredAt: event.occurredAt },
  }
  const incident = before === undefined ? open(event, at, context) : follow(before, event, at, context.now)
  const investigating = needsInvestigation(before, incident, event)
    ? startInvestigation(incident, before ? 'reopened' : 'opened', context.now)
    : incident
  const merge = event.incident.mergedInto
  if (merge === undefined || before?.mergedInto === merge) return changed(investigating, entry)
  return {
    incident: { ...investigating, mergedInto: pagerDutyIncidentId(merge) },
    timeline: [{ ...entry, text: `PagerDuty: merged into ${merge}` }],
    effects: [
      {
        do: 'forward',
        incidentId: pagerDutyIncidentId(merge),
        event: { type: 'merged-from', incidentId: incident.id },
        key: `merge:${incident.id}:${merge}`,
      },
    ],
  }
}

/** Our id of PagerDuty's incident. */
export function pagerDutyIncidentId(id: string): string {
  return `pd-${id}`
}

function open(event: IncidentWebhook, at: number, context: ApplyContext): Incident {
  const facts = event.incident
  const service = context.serviceByPagerDutyId(facts.serviceId)
  const resolved = facts.status === 'resolved'
  return {
    id: pagerDutyIncidentId(facts.id),
    origin: 'pagerduty',
    title: facts.title,
    ...(service && { service: service.name }),
    status: facts.status,
    statusAt: at,
    urgency: facts.urgency,
    pagerduty: {
      incidentId: facts.id,
      ...(facts.number !== undefined && { number: facts.number }),
      ...(facts.htmlUrl !== undefined && { url: facts.htmlUrl }),
      serviceId: facts.serviceId,
      serviceName: facts.serviceName,
      ...(facts.escalationPolicyId !== undefined && { escalationPolicyId: facts.escalationPolicyId }),
    },
    openedAt: Date.parse(facts.createdAt),
    ...(resolved && { resolvedAt: at }),
    mergedFrom: [],
    live: !resolved && context.now - at < STALE_AFTER_MS,
    investigations: [],
    remediations: [],
    refusals: [],
  }
}

function follow(before: Incident, event: IncidentWebhook, at: number, now: number): Incident {
  // Webhook and sweep may tell the same story in another order: the later fact wins, whichever arrives last.
  if (at < before.statusAt) return before
  const status = event.incident.status
  const next: Incident = {
    ...before,
    title: event.incident.title,
    urgency: event.incident.urgency,
    status,
    statusAt: at,
  }
  return status === 'resolved' && before.status !== 'resolved' ? close(next, at, now) : reopen(next, before.status)
}

function close(incident: Incident, at: number, now: number): Incident {
  return {
    ...incident,
    resolvedAt: at,
    investigations: incident.investigations.map((one) => cancelled(one, now)),
    remediations: incident.remediations.map((one) =>
      one.state === 'proposed'
        ? {
            ...one,
            state: 'void',
            finishedAt: now,
            outcome: { result: 'void', text: 'The incident was resolved before anybody pressed.' },
          }
        : one,
    ),
  }
}

/** A verification goes on after the resolve: what a remediation bought is worth knowing even then. */
function cancelled(investigation: Investigation, now: number): Investigation {
  const stops = investigation.state === 'running' && investigation.reason !== 'verification'
  return stops ? { ...investigation, state: 'cancelled', finishedAt: now } : investigation
}

function reopen(incident: Incident, statusBefore: IncidentStatus): Incident {
  if (incident.status === 'resolved' || statusBefore !== 'resolved') return incident
  const { resolvedAt: _over, mergedInto: _merged, ...open } = incident
  return { ...open, live: true }
}

function needsInvestigation(before: Incident | undefined, after: Incident, event: IncidentWebhook): boolean {
  if (!after.live || after.status === 'resolved') return false
  return before === undefined || (event.transition === 'reopened' && before.status === 'resolved')
}
