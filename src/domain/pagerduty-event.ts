/** How an incident changed, in PagerDuty's own words (`incident.<transition>`). */
export const TRANSITIONS = [
  'triggered',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'reopened',
  'escalated',
  'reassigned',
  'delegated',
  'priority_updated',
  'service_updated',
] as const

export type Transition = (typeof TRANSITIONS)[number]

/** An incident as PagerDuty described it at one moment; webhook and REST answers are normalised into this one shape. */
export interface PagerDutyIncidentFacts {
  readonly id: string
  readonly number: number | undefined
  /** One line, at most 1,000 characters. */
  readonly title: string
  /** Always http or https. */
  readonly htmlUrl: string | undefined
  readonly status: 'triggered' | 'acknowledged' | 'resolved'
  readonly urgency: 'high' | 'low'
  readonly serviceId: string
  readonly serviceName: string
  readonly escalationPolicyId: string | undefined
  readonly incidentKey: string | undefined
  /** ISO 8601 in UTC with milliseconds. */
  readonly createdAt: string
  readonly assignees: readonly { readonly id: string; readonly name: string }[]
  /** The incident that took this one over, when it was resolved by a merge. */
  readonly mergedInto: string | undefined
}

/**
 * One webhook, parsed. `eventId` is PagerDuty's and signed: it is what duplicates are recognised by.
 * `occurredAt` is ISO 8601 in UTC with milliseconds, so that comparing strings compares times.
 */
export type PagerDutyEvent =
  | {
      readonly kind: 'incident'
      readonly eventId: string
      readonly transition: Transition
      readonly occurredAt: string
      readonly incident: PagerDutyIncidentFacts
      /** Who or what did it, for people to read. */
      readonly agent: string | undefined
    }
  | {
      readonly kind: 'note'
      readonly eventId: string
      readonly occurredAt: string
      readonly incidentId: string
      readonly noteId: string
      /** May have several lines; at most 10,000 characters. */
      readonly content: string
    }
  | { readonly kind: 'ping'; readonly eventId: string }
  | { readonly kind: 'ignored'; readonly eventId: string; readonly eventType: string }
