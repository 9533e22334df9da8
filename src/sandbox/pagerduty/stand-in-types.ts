export interface ServiceRecord {
  readonly id: string
  readonly name: string
  readonly escalationPolicyId: string
}

export interface UserRecord {
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface PagerDutyStandInOptions {
  readonly token: string
  readonly services: readonly ServiceRecord[]
  readonly users: readonly UserRecord[]
  /** Wait before the second attempt of a webhook; doubles up to 8 times this. */
  readonly retryDelayMs?: number
  readonly deliveryTimeoutMs?: number
  /** The clock of incidents, windows and limits, in ms since the epoch. Waiting itself happens in real time. */
  readonly now?: () => number
}

/** One attempt to deliver one webhook, recorded when its outcome is known. */
export interface Delivery {
  readonly eventId: string
  readonly eventType: string
  readonly incidentId?: string
  readonly attempt: number
  readonly status: number | 'timeout' | 'error'
  readonly at: number
  readonly durationMs: number
}

/** One REST or events request, recorded when it was answered; `status` is 0 where it never was. */
export interface LoggedRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: string
  readonly status: number
  readonly at: number
  readonly body?: unknown
}

/**
 * `hang`: read and never answered. `accept_then_hang`: carried out and never answered. `reset`: the connection is cut
 * before anything happens. `not_json`: a proxy's HTML page with status 200, nothing carried out.
 */
export type FaultReply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'hang'
  | 'accept_then_hang'
  | 'reset'
  | 'not_json'

export interface TriggerInput {
  readonly serviceId: string
  readonly title: string
  readonly urgency?: 'high' | 'low'
  /** Becomes `body.details` of the incident's alert. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly incidentKey?: string
}

/** A PagerDuty account on loopback: signed webhooks out, REST and events v2 in. */
export interface PagerDutyStandIn {
  /** Base of the REST API. */
  readonly url: string
  /** Base of the events API: `<eventsUrl>/v2/enqueue`. */
  readonly eventsUrl: string
  readonly requests: readonly LoggedRequest[]
  readonly deliveries: readonly Delivery[]
  /** Three dropped webhooks in a row make a subscription inactive for 24 h. */
  readonly subscriptions: readonly { readonly url: string; readonly active: boolean }[]
  /** Adds a webhook subscription; every webhook is signed with all `secrets`, as during a rotation. */
  subscribe(subscription: { readonly url: string; readonly secrets: readonly string[] }): void
  trigger(input: TriggerInput): { readonly id: string; readonly number: number }
  /** These throw where PagerDuty's API would refuse: unknown ids, transitions that are not allowed. */
  acknowledge(id: string, userId?: string): void
  unacknowledge(id: string): void
  resolve(id: string, userId?: string): void
  reopen(id: string, userId?: string): void
  merge(sourceId: string, targetId: string, userId?: string): void
  annotate(id: string, content: string, userId?: string): void
  ping(): void
  notes(incidentId: string): readonly { readonly id: string; readonly content: string; readonly user: string }[]
  /** The events v2 integration key of a service. */
  routingKey(serviceId: string): string
  addOnCall(escalationPolicyId: string, user: UserRecord, level?: number): void
  /** The shift changes: from now on these are on call for the policy, each at a level of their own, and nobody else. */
  setOnCall(escalationPolicyId: string, users: readonly UserRecord[]): void
  addChangeEvent(serviceId: string, summary: string, at: number): void
  /** Resolves when no webhook is being delivered or waiting for its next attempt. */
  settled(): Promise<void>
  /** While on, what happens makes no webhook at all, then or later. */
  silence(on: boolean): void
  /** While on, every webhook is delivered twice. */
  duplicate(on: boolean): void
  /** The next `times` requests that match get `reply`; earlier calls are used up first. */
  failNext(match: { readonly method?: string; readonly path?: RegExp }, reply: FaultReply, times?: number): void
  /** Called with every delivery as it is recorded. */
  on(listener: (delivery: Delivery) => void): void
  stop(): Promise<void>
}
