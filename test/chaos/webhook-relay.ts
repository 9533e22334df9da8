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
  /** When it first set out for a bot, and when one first said that it has it; undefined until then. ms since the epoch. */
  sentAt: number | undefined
  acknowledgedAt: number | undefined
}

/**
 * What becomes of a webhook on its way: `lost` and `late` ones PagerDuty takes for delivered, by a proxy that promised too much, and a late one
 * arrives behind its successor; one that arrives `twice` arrives at the same moment; `answer-lost` is a bot's word that PagerDuty never hears.
 */
export type WebhookFault = 'lost' | 'late' | 'twice' | 'answer-lost'

/** Stands between PagerDuty and the bot: remembers every webhook, and can send any of them again, at any time. */
export interface WebhookRelay {
  /** Address for PagerDuty's subscription. */
  readonly url: string
  readonly seen: ReadonlyMap<string, SeenWebhook>
  /** Sends one again, as a duplicate that comes late. Never rejects. */
  again(webhook: SeenWebhook): Promise<void>
  /** The next webhook that comes meets this. */
  failNext(fault: WebhookFault): void
  /** Resolves when none is held back any more. */
  settled(): Promise<void>
  stop(): Promise<void>
}

const PASSED_ON = ['content-type', 'user-agent', 'x-pagerduty-signature', 'x-webhook-id', 'x-webhook-subscription']

/** Longest time that a late webhook waits for its successor. */
const LATE_MS = 4_000

/** `onPass` is called as each webhook sets out for the bot, and `onAnswer` with its status. */
export async function startWebhookRelay(options: {
  readonly target: () => string
  readonly onPass: (webhook: SeenWebhook) => void
  readonly onAnswer: (webhook: SeenWebhook, status: number) => void
  /** Where a webhook met what was ordered for it. */
  readonly onFault?: (webhook: SeenWebhook, fault: WebhookFault) => void
}): Promise<WebhookRelay> {
  const seen = new Map<string, SeenWebhook>()
  const ordered: WebhookFault[] = []
  const late = new Set<{
    readonly webhook: SeenWebhook
    readonly arrive: () => void
    readonly arrived: Promise<void>
  }>()

  async function passOn(webhook: SeenWebhook): Promise<number> {
    options.onPass(webhook)
    webhook.sentAt ??= Date.now()
    const status = await post(options.target(), webhook)
    webhook.statuses.push(status)
    if (status === 202) webhook.acknowledgedAt ??= Date.now()
    options.onAnswer(webhook, status)
    return status
  }

  function holdBack(webhook: SeenWebhook): void {
    let arrive = (): void => undefined
    const turn = new Promise<void>((resolve) => {
      arrive = resolve
    })
    const patience = setTimeout(arrive, LATE_MS)
    const arrived = turn.then(async () => {
      clearTimeout(patience)
      await passOn(webhook)
      late.delete(one)
    })
    const one = { webhook, arrive, arrived }
    late.add(one)
  }

  /** What PagerDuty hears of it. */
  async function suffer(webhook: SeenWebhook, fault: WebhookFault | undefined): Promise<number> {
    if (fault !== undefined) options.onFault?.(webhook, fault)
    switch (fault) {
      case 'lost':
        return 202
      case 'late':
        holdBack(webhook)
        return 202
      case 'twice':
        return (await Promise.all([passOn(webhook), passOn(webhook)]))[0]
      case 'answer-lost':
        await passOn(webhook)
        return 0
      case undefined:
        return passOn(webhook)
    }
  }

  const server = await listen(async (req, res) => {
    const body = await readBody(req, 1024 * 1024)
    const webhook = remembered(seen, body, req.headers)
    const status = await suffer(webhook, ordered.shift())
    for (const one of late)
      if (one.webhook !== webhook && one.webhook.incidentId === webhook.incidentId && status === 202) one.arrive()
    // What the bot did not answer, PagerDuty sees as a gateway's failure, and sends again.
    res.writeHead(status === 0 ? 502 : status)
    res.end()
  })
  return {
    url: `${server.url}/webhooks/pagerduty`,
    seen,
    again: async (webhook) => void (await passOn(webhook)),
    failNext: (fault) => void ordered.push(fault),
    settled: async () => {
      while (late.size > 0) await Promise.all([...late].map(({ arrived }) => arrived))
    },
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
    sentAt: undefined,
    acknowledgedAt: undefined,
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
