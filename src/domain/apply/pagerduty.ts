import type { Incident, PagerDutyFacts } from '../incident.ts'
import type { PagerDutyEvent, PagerDutyIncidentFacts } from '../pagerduty-event.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
import { startInvestigation } from './investigation.ts'
import { higher, ownStatus, withOwnStatus } from './lifecycle.ts'
import { applyMember, type MemberNews } from './member.ts'

type IncidentWebhook = Extract<PagerDutyEvent, { kind: 'incident' }>

/** PagerDuty retries for 48 h; what is older than that, with an hour to spare, is history and not acted on. */
export const STALE_AFTER_MS = 49 * 3_600_000

/**
 * A transition that PagerDuty reported, by webhook or found by the sweep. `id` is the incident in whose inbox it stood: PagerDuty's own, or
 * the one that it has joined, which must be there.
 */
export function applyPagerDuty(
  before: Incident | undefined,
  id: string,
  event: IncidentWebhook,
  context: ApplyContext,
): Applied | undefined {
  const at = Date.parse(event.occurredAt)
  const entry: TimelineEntry = {
    at: context.now,
    actor: event.agent ?? 'pagerduty',
    type: `pagerduty.${event.transition}`,
    text: `PagerDuty: ${event.transition.replace('_', ' ')}`,
    data: { eventId: event.eventId, occurredAt: event.occurredAt },
  }
  if (pagerDutyIncidentId(event.incident.id) !== id) {
    return before && applyMember(before, newsOf(event, at), entry, context.now)
  }
  const incident = before === undefined ? open(event, at, context) : follow(before, event, at, context.now)
  const investigating = needsInvestigation(before, incident, event)
    ? startInvestigation(incident, before ? 'reopened' : 'opened', context.now)
    : incident
  const merge = event.incident.mergedInto
  // Merged into what joined it: that is here already.
  if (merge === undefined || before?.mergedInto === merge || incident.status !== 'resolved')
    return changed(investigating, entry)
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
    pagerduty: keptFacts(facts),
    openedAt: Date.parse(facts.createdAt),
    ...(context.foreseenBy && { foreseenBy: context.foreseenBy }),
    ...(resolved && { resolvedAt: at }),
    mergedFrom: [],
    live: !resolved && context.now - at < STALE_AFTER_MS,
    investigations: [],
    remediations: [],
    refusals: [],
  }
}

function keptFacts(facts: PagerDutyIncidentFacts): PagerDutyFacts {
  return {
    incidentId: facts.id,
    ...(facts.number !== undefined && { number: facts.number }),
    ...(facts.htmlUrl !== undefined && { url: facts.htmlUrl }),
    serviceId: facts.serviceId,
    serviceName: facts.serviceName,
    ...(facts.escalationPolicyId !== undefined && { escalationPolicyId: facts.escalationPolicyId }),
  }
}

function newsOf({ incident: facts, transition }: IncidentWebhook, at: number): MemberNews {
  return {
    member: {
      id: pagerDutyIncidentId(facts.id),
      title: facts.title,
      status: facts.status,
      statusAt: at,
      since: Date.parse(facts.createdAt),
      ...(facts.htmlUrl !== undefined && { url: facts.htmlUrl }),
    },
    isNew: transition === 'triggered',
    urgency: facts.urgency,
    pagerduty: keptFacts(facts),
  }
}

function follow(before: Incident, event: IncidentWebhook, at: number, now: number): Incident {
  // Webhook and sweep may tell the same story in another order: the later fact wins, whichever arrives last.
  if (at < ownStatus(before).statusAt) return before
  const { title, urgency: own, status } = event.incident
  const urgency = before.joined === undefined ? own : (higher(before.urgency, own) ?? own)
  return withOwnStatus({ ...before, title, urgency }, { status, statusAt: at }, now)
}

function needsInvestigation(before: Incident | undefined, after: Incident, event: IncidentWebhook): boolean {
  if (!after.live || after.status === 'resolved') return false
  return before === undefined || (event.transition === 'reopened' && before.status === 'resolved')
}
