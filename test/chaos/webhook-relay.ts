import { type IncomingHttpHeaders, request } from 'node:http'
import { listen, readBody } from '../../src/sandbox/http.ts'

/** A signed webhook as PagerDuty sent it, and what the bot ever answered to it. */
export interface SeenWebhook {
  readonly eventId: string
  readonly eventType: string
  readonly incidentId: string
  readonly occurredAt: string
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
  /** One for each time it was sent; 0 where the bot gave no answer. */
  readonly statuses: number[]
}

/** Stands between PagerDuty and the bot: remembers every webhook, and can send any of them again, at any time. */
export interface WebhookRelay {
  /** Address for PagerDuty's subscription. */
  readonly url: string
  readonly seen: ReadonlyMap<string, SeenWebhook>
  /** Sends one again, as a duplicate that comes late. Never rejects. */
  again(webhook: SeenWebhook): Promise<void>
  stop(): Promise<void>
}

const PASSED_ON = ['content-type', 'user-agent', 'x-pagerduty-signature', 'x-webhook-id', 'x-webhook-subscription']

/** `onPass` is called as each webhook sets out for the bot, and `onAnswer` with its status. */
export async function startWebhookRelay(options: {
  readonly target: () => string
  readonly onPass: (webhook: SeenWebhook) => void
  readonly onAnswer: (webhook: SeenWebhook, status: number) => void
}): Promise<WebhookRelay> {
  const seen = new Map<string, SeenWebhook>()

  async function passOn(webhook: SeenWebhook): Promise<number> {
    options.onPass(webhook)
    const status = await post(options.target(), webhook)
    webhook.statuses.push(status)
    options.onAnswer(webhook, status)
    return status
  }

  const server = await listen(async (req, res) => {
    const body = await readBody(req, 1024 * 1024)
    const webhook = remembered(seen, body, req.headers)
    const status = await passOn(webhook)
    // What the bot did not answer, PagerDuty sees as a gateway's failure, and sends again.
    res.writeHead(status === 0 ? 502 : status)
    res.end()
  })
  return {
    url: `${server.url}/webhooks/pagerduty`,
    seen,
    again: async (webhook) => void (await passOn(webhook)),
    stop: () => server.stop(),
  }
}

function remembered(seen: Map<string, SeenWebhook>, body: Buffer, headers: IncomingHttpHeaders): SeenWebhook {
  // The stand-in's own webhooks have this shape; anything else fails here and shows.
  const { event } = JSON.parse(body.toString()) as {
    event: {
      id: string
      event_type: string
      occurred_at: string
      data: { id: string; incident?: { id: string } }
    }
  }
  const known = seen.get(event.id)
  if (known !== undefined) return known
  const webhook: SeenWebhook = {
    eventId: event.id,
    eventType: event.event_type,
    incidentId: event.data.incident?.id ?? event.data.id,
    occurredAt: event.occurred_at,
    body,
    headers: Object.fromEntries(PASSED_ON.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : []))),
    statuses: [],
  }
  seen.set(event.id, webhook)
  return webhook
}

/** The status, 0 where there was none: refused, cut off, or silent for PagerDuty's 5 s. */
function post(url: string, { body, headers }: SeenWebhook): Promise<number> {
  return new Promise((resolve) => {
    const length = { 'content-length': String(body.length) }
    const settings = {
      method: 'POST',
      agent: false,
      headers: { ...headers, ...length },
      signal: AbortSignal.timeout(5_000),
    }
    const outgoing = request(url, settings, (res) => {
      res.resume()
      res.once('error', () => resolve(0))
      res.once('end', () => resolve(res.statusCode ?? 0))
    })
    outgoing.once('error', () => resolve(0))
    outgoing.end(body)
  })
}
