import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from './records.ts'
import type { Delivery } from './stand-in-types.ts'
import { attempt, type Webhook } from './webhook.ts'

const HOUR = 3_600_000
const RETRIED_FOR_MS = 48 * HOUR
const DISABLED_FOR_MS = 24 * HOUR
const DROPS_BEFORE_DISABLED = 3

export interface SubscriptionOptions {
  readonly url: string
  readonly secrets: readonly string[]
  readonly retryDelayMs: number
  readonly deliveryTimeoutMs: number
  readonly now: () => number
  readonly record: (delivery: Delivery) => void
}

export type Subscription = ReturnType<typeof createSubscription>

/**
 * Delivers webhooks at least once, in order per incident; different incidents do not wait for each other.
 * No answer, 5xx and 429 are retried for 48 h, anything else that is not 2xx is dropped for good, and three drops in a
 * row disable the subscription for 24 h with everything it still holds. https://developer.pagerduty.com/docs/webhooks-behavior
 */
export function createSubscription(options: SubscriptionOptions) {
  const { now } = options
  const target = { id: newId('P', 6), url: options.url, secrets: options.secrets }
  const queues = new Map<string, Webhook[]>()
  const stopping = new AbortController()
  // Every delivery under way listens for the stop.
  setMaxListeners(0, stopping.signal)
  let running: Promise<void>[] = []
  let drops = 0
  let disabledUntil = 0

  const active = () => now() >= disabledUntil

  async function drain(key: string, queue: Webhook[]): Promise<void> {
    for (let head = queue[0]; head && !stopping.signal.aborted; head = queue[0]) {
      await deliver(head)
      queue.shift()
    }
    queues.delete(key)
  }

  async function deliver(webhook: Webhook): Promise<void> {
    for (let number = 1; active() && !stopping.signal.aborted; number += 1) {
      const status = await tried(webhook, number)
      if (status === undefined) return
      if (succeeded(status)) {
        drops = 0
        return
      }
      if (!retried(status) || now() - webhook.createdAt >= RETRIED_FOR_MS) return dropped()
      await pause(options.retryDelayMs * 2 ** Math.min(number - 1, 3))
    }
  }

  async function tried(webhook: Webhook, number: number): Promise<Delivery['status'] | undefined> {
    const at = now()
    const began = performance.now()
    const status = await attempt(webhook, target, options.deliveryTimeoutMs, stopping.signal)
    if (stopping.signal.aborted) return undefined
    const { eventId, eventType, incidentId } = webhook
    const durationMs = Math.round(performance.now() - began)
    options.record({ eventId, eventType, ...(incidentId && { incidentId }), attempt: number, status, at, durationMs })
    return status
  }

  function dropped(): void {
    drops += 1
    if (drops < DROPS_BEFORE_DISABLED) return
    drops = 0
    disabledUntil = now() + DISABLED_FOR_MS
    for (const queue of queues.values()) queue.splice(1)
  }

  async function pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: stopping.signal }).catch(() => undefined)
  }

  return {
    url: options.url,
    active,

    enqueue(webhook: Webhook): void {
      if (!active() || stopping.signal.aborted) return
      const key = webhook.incidentId ?? webhook.id
      const waiting = queues.get(key)
      if (waiting) {
        waiting.push(webhook)
        return
      }
      const queue = [webhook]
      queues.set(key, queue)
      const run = drain(key, queue).finally(() => {
        running = running.filter((one) => one !== run)
      })
      running.push(run)
    },

    async settled(): Promise<void> {
      while (running.length > 0) await Promise.all(running)
    },

    async stop(): Promise<void> {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

function succeeded(status: Delivery['status']): boolean {
  return typeof status === 'number' && status >= 200 && status < 300
}

function retried(status: Delivery['status']): boolean {
  return typeof status !== 'number' || status === 429 || status >= 500
}
