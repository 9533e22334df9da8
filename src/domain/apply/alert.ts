import { type AlertFacts, alertIncidentId } from '../alert.ts'
import type { Incident } from '../incident.ts'
import type { Member } from '../joined.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { startInvestigation } from './investigation.ts'
import { higher, ownStatus, withOwnStatus } from './lifecycle.ts'
import { applyMember } from './member.ts'

/**
 * An alert that Alertmanager reported. `id` is the incident in whose inbox it stood: the alert's own, or the one that it has joined,
 * which must be there.
 */
export function applyAlert(
  before: Incident | undefined,
  id: string,
  alert: AlertFacts,
  context: ApplyContext,
): Applied | undefined {
  const { now } = context
  const entry: TimelineEntry = {
    at: now,
    actor: 'alertmanager',
    type: `alertmanager.${alert.status}`,
    text: `Alertmanager: ${alert.status}`,
    data: { fingerprint: alert.fingerprint, startsAt: alert.startsAt },
  }
  if (alertIncidentId(alert) !== id) {
    const news = { member: memberOf(alert), isNew: alert.status === 'firing', urgency: alert.urgency }
    return before && applyMember(before, news, entry, now)
  }
  if (before === undefined) {
    const incident = open(alert, context)
    return changed(incident.live ? startInvestigation(incident, 'opened', now) : incident, entry)
  }
  if (alert.at < ownStatus(before).statusAt) return unchanged(before)
  const status = statusOf(alert)
  // It repeats what it said: nothing new, and nothing that takes back what people did meanwhile.
  if (ownStatus(before).status === status) return unchanged(before)
  const urgency = higher(before.urgency, alert.urgency)
  const own = { status, statusAt: alert.at } as const
  const incident = withOwnStatus({ ...before, title: alert.title, ...(urgency && { urgency }) }, own, now)
  const isBack = before.status === 'resolved' && incident.status !== 'resolved'
  return changed(isBack ? startInvestigation(incident, 'reopened', now) : incident, entry)
}

function open(alert: AlertFacts, context: ApplyContext): Incident {
  const service = alert.service === undefined ? undefined : context.serviceByName(alert.service)
  const resolved = alert.status === 'resolved'
  return {
    id: alertIncidentId(alert),
    origin: 'alertmanager',
    title: alert.title,
    ...(service && { service: service.name }),
    status: statusOf(alert),
    statusAt: alert.at,
    urgency: alert.urgency,
    alert: {
      serviceName: alert.serviceName,
      ...(alert.url !== undefined && { url: alert.url }),
      details: alert.details,
    },
    openedAt: alert.startsAt,
    ...(resolved && { resolvedAt: alert.at }),
    mergedFrom: [],
    live: !resolved,
    investigations: [],
    remediations: [],
    refusals: [],
  }
}

function memberOf(alert: AlertFacts): Member {
  return {
    id: alertIncidentId(alert),
    title: alert.title,
    status: statusOf(alert),
    statusAt: alert.at,
    since: alert.startsAt,
    ...(alert.url !== undefined && { url: alert.url }),
  }
}

function statusOf({ status }: AlertFacts): 'triggered' | 'resolved' {
  return status === 'firing' ? 'triggered' : 'resolved'
}
