import { setTimeout as wait } from 'node:timers/promises'
import { verifySignature } from '../../../src/pagerduty/signature.ts'
import { listen, readBody } from '../../../src/sandbox/http.ts'
import { type PagerDutyStandInOptions, startPagerDutyStandIn } from '../../../src/sandbox/pagerduty/index.ts'

export const ADA = { id: 'PADA', name: 'Ada', email: 'ada@acme.test' }
export const BOT = { id: 'PBOT', name: 'incbot', email: 'incbot@acme.test' }
export const SERVICE = { id: 'PSVC', name: 'inference', escalationPolicyId: 'PPOL' }
export const TOKEN = 'u+secret'

export function aStandIn(changes: Partial<PagerDutyStandInOptions> = {}) {
  return startPagerDutyStandIn({ token: TOKEN, services: [SERVICE], users: [ADA, BOT], retryDelayMs: 5, ...changes })
}

export interface Received {
  readonly webhookId: string
  readonly signed: boolean
  readonly raw: Buffer
  readonly event: { id: string; event_type: string; agent: unknown; data: Record<string, unknown> }
}

/** A webhook endpoint; `reply` decides each status, or how long to stay silent. */
export async function aReceiver(reply: (received: Received) => number | { afterMs: number } = () => 202) {
  const received: Received[] = []
  const server = await listen(async (req, res) => {
    const raw = await readBody(req, 1_000_000)
    const one = {
      webhookId: String(req.headers['x-webhook-id']),
      signed: verifySignature(raw, String(req.headers['x-pagerduty-signature']), ['s1']),
      raw,
      event: JSON.parse(raw.toString('utf8')).event,
    }
    received.push(one)
    const decided = reply(one)
    if (typeof decided !== 'number') await wait(decided.afterMs)
    res.writeHead(typeof decided === 'number' ? decided : 202).end()
  })
  return { url: `${server.url}/webhooks/pagerduty`, received, stop: () => server.stop() }
}
