import { createHmac, randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AccountEvent } from './account.ts'
import { newId } from './records.ts'
import { userReference } from './shapes.ts'

/** One event for one subscription: id and body stay the same through all attempts. */
export interface Webhook {
  readonly id: string
  readonly eventId: string
  readonly eventType: string
  readonly incidentId: string | undefined
  readonly body: Buffer
  readonly createdAt: number
}

/** The V3 payload. Its times have milliseconds, unlike those of REST. */
export function webhookFor(event: AccountEvent, now: number): Webhook {
  const eventId = newId('01', 24)
  const body = {
    event: {
      id: eventId,
      event_type: event.eventType,
      resource_type: event.eventType.split('.')[0],
      occurred_at: new Date(now).toISOString(),
      agent: event.agent ? userReference(event.agent) : null,
      client: event.agent ? { name: 'PagerDuty' } : null,
      data: event.data,
    },
  }
  return {
    id: randomUUID(),
    eventId,
    eventType: event.eventType,
    incidentId: event.incidentId,
    body: Buffer.from(JSON.stringify(body)),
    createdAt: now,
  }
}

/** One HTTP attempt; the answer's status, or why there was none within `timeoutMs`. */
export function attempt(
  webhook: Webhook,
  subscription: { readonly id: string; readonly url: string; readonly secrets: readonly string[] },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number | 'timeout' | 'error'> {
  const signatures = subscription.secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(webhook.body).digest('hex')}`,
  )
  const headers = {
    'content-type': 'application/json',
    'content-length': webhook.body.length,
    'user-agent': 'PagerDuty-Webhook/V3.0',
    'x-pagerduty-signature': signatures.join(','),
    'x-webhook-id': webhook.id,
    'x-webhook-subscription': subscription.id,
  }
  return new Promise((resolve) => {
    const request = http.request(subscription.url, { method: 'POST', headers, agent: false, signal })
    const timer = setTimeout(() => {
      resolve('timeout')
      request.destroy()
    }, timeoutMs)
    const settle = (outcome: number | 'error') => {
      clearTimeout(timer)
      resolve(outcome)
    }
    request.on('response', (response) => {
      response.resume()
      settle(response.statusCode ?? 'error')
    })
    request.on('error', () => settle('error'))
    request.end(webhook.body)
  })
}
