import type { WebhookPlan } from './webhooks.ts'

/** What the load's process is asked for. */
export interface LoadOrder {
  readonly port: number
  readonly connections: number
  readonly plan: WebhookPlan
  /** When to stop sending, whatever is left. */
  readonly forMs: number
  /** Webhooks a second, whatever the server does; absent: each connection sends its next when the last was answered. */
  readonly perSecond?: number
}

export interface LoadResult {
  /** How many were answered with 202. */
  readonly accepted: number
  /** Other answers by status; 0 for a connection that broke. */
  readonly others: Readonly<Record<number, number>>
  /** From the first request to the last answer. */
  readonly tookMs: number
  /** Of every answer, in ms, ascending; with `perSecond` counted from when it should have been sent. */
  readonly latenciesMs: readonly number[]
}
