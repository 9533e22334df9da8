import type { PagerDutyEvent, Transition } from '../domain/pagerduty-event.ts'
import type { IncidentStatus, OwnStatus } from '../domain/status.ts'
import type { RestIncidentFacts } from './incident-facts.ts'

type IncidentEvent = Extract<PagerDutyEvent, { kind: 'incident' }>

/**
 * The event whose webhook never came, judging by what REST says and what we hold; undefined where nothing is missing.
 *
 * REST rounds times down to seconds, and its answer may be older than a webhook that came meanwhile. So an incident changes only by what
 * is surely later than what we hold; but a resolve is believed within the same second, because it was asked for after we looked.
 */
export function missedEvent(known: OwnStatus | undefined, facts: RestIncidentFacts): IncidentEvent | undefined {
  // One that came and went unseen is history.
  if (known === undefined) return facts.status === 'resolved' ? undefined : event('triggered', facts, facts.createdAt)
  const transition = transitionBetween(known.status, facts.status)
  const heldSince = Math.floor(known.statusAt / 1000) * 1000
  const since = Date.parse(facts.statusAt)
  const news = transition === 'resolved' ? since >= heldSince : since > heldSince
  if (transition === undefined || !news) return undefined
  // Never before what we hold, or the record would take it for an older fact.
  return event(transition, facts, new Date(Math.max(since, known.statusAt)).toISOString())
}

function transitionBetween(held: IncidentStatus, told: IncidentStatus): Transition | undefined {
  if (held === told) return undefined
  if (held === 'resolved') return 'reopened'
  return told === 'triggered' ? 'unacknowledged' : told
}

function event(transition: Transition, facts: RestIncidentFacts, occurredAt: string): IncidentEvent {
  const { statusAt, ...incident } = facts
  const eventId =
    transition === 'triggered' ? `sweep:${facts.id}:${facts.createdAt}` : `sweep:${facts.id}:${transition}:${statusAt}`
  return { kind: 'incident', eventId, transition, occurredAt, incident, agent: 'incbot’s sweep of PagerDuty' }
}
