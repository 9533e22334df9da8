import { type AlertFacts, alertIncidentId } from '../domain/alert.ts'
import { pagerDutyIncidentId, STALE_AFTER_MS } from '../domain/apply/pagerduty.ts'
import type { PagerDutyEvent } from '../domain/pagerduty-event.ts'
import type { Arrival } from '../store/store.ts'
import type { Pipeline } from './pipeline.ts'
import type { Ports } from './ports.ts'
import { meantRunbook } from './select-runbook.ts'

type Grouping = Pick<Ports, 'now' | 'runbooks' | 'catalogue' | 'groupWithinMs'>
type IncidentWebhook = Extract<PagerDutyEvent, { kind: 'incident' }>

export interface StoredAlerts {
  readonly stored: number
  readonly duplicates: number
  /** In how many incidents they are. */
  readonly incidents: number
}

/** Stores the alerts of one notification. Rejects when any of them could not be stored; sent again, the others are duplicates. */
export async function storeAlerts(
  ports: Grouping,
  pipeline: Pick<Pipeline, 'arrive'>,
  alerts: readonly AlertFacts[],
): Promise<StoredAlerts> {
  const urgentFirst = alerts.toSorted(
    (left, right) => Number(right.urgency === 'high') - Number(left.urgency === 'high'),
  )
  // Handed over in one go: the store writes them together.
  const receipts = await Promise.all(urgentFirst.map((alert) => pipeline.arrive(alertArrival(ports, alert))))
  const stored = receipts.filter(({ outcome }) => outcome === 'stored').length
  const incidents = new Set(receipts.map(({ incidentId }) => incidentId)).size
  return { stored, duplicates: receipts.length - stored, incidents }
}

/** What PagerDuty tells, on its way in. What opens an incident may join another. */
export function pagerDutyArrival(ports: Grouping, event: IncidentWebhook): Arrival {
  const { incident: facts, transition, occurredAt, eventId } = event
  // The REST sweep knows an incident's creation, not the webhook's own moment: both name a trigger by it, to the second.
  const moment = transition === 'triggered' ? facts.createdAt : occurredAt
  // It stands first: keys of the same time then lie together in the store, and a storm changes few of its pages.
  const second = Math.floor(Date.parse(moment) / 1000)
  const arrival = {
    incidentId: pagerDutyIncidentId(facts.id),
    event: { type: 'pagerduty', event },
    dedupKeys: [`pd-event:${eventId}`, `pd:${second}:${facts.id}:${transition}`],
  } as const
  const fresh = ports.now() - Date.parse(occurredAt) < STALE_AFTER_MS
  if (transition !== 'triggered' || facts.status === 'resolved' || !fresh) return arrival
  const service = ports.catalogue().byPagerDutyId(facts.serviceId)?.name
  const { title, urgency } = facts
  const occasion = { origin: 'pagerduty', title, urgency, ...(service !== undefined && { service }) } as const
  const runbook = meantRunbook(ports.runbooks(), occasion, 'unknown')
  return { ...arrival, ...grouped(ports, service ?? `?${facts.serviceId}`, runbook) }
}

/**
 * What Alertmanager tells, on its way in. It repeats what still holds, so that an alert's end takes back its beginning: one that ended
 * because nobody reported it for a while may begin again as the same.
 */
function alertArrival(ports: Grouping, alert: AlertFacts): Arrival {
  const incidentId = alertIncidentId(alert)
  const key = (status: AlertFacts['status']) => `${incidentId}:${status}`
  const fires = alert.status === 'firing'
  const arrival: Arrival = {
    incidentId,
    event: { type: 'alert', alert },
    dedupKeys: [key(alert.status)],
    frees: [key(fires ? 'resolved' : 'firing')],
  }
  if (!fires) return arrival
  const { title, urgency, service, serviceName, details } = alert
  const occasion = { origin: 'alertmanager', title, urgency, ...(service !== undefined && { service }) } as const
  const runbook = meantRunbook(ports.runbooks(), occasion, details)
  return { ...arrival, ...grouped(ports, service ?? `?${serviceName}`, runbook) }
}

/** What is about the same service and means the same runbook belongs together. What cannot be decided stays alone. */
function grouped(
  { groupWithinMs, now }: Grouping,
  service: string,
  runbook: string | undefined,
): Pick<Arrival, 'group'> {
  if (groupWithinMs === undefined || groupWithinMs === 0 || runbook === undefined) return {}
  return { group: { key: `${service}:${runbook}`, until: now() + groupWithinMs } }
}
