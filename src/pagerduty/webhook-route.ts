import type { IncomingHttpHeaders } from 'node:http'
import type { PagerDutyEvent } from '../domain/pagerduty-event.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { Logger } from '../pipeline/ports.ts'
import { parseWebhook } from './event.ts'
import { verifySignature } from './signature.ts'
import { oneLine } from './text.ts'

interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders
  /** Exactly the bytes that were sent. */
  readonly body: Buffer
}

interface WebhookAnswer {
  readonly status: number
  readonly body: { readonly status: string; readonly problem?: string }
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers one webhook. Never rejects. */
export type PagerDutyWebhook = (webhook: ReceivedWebhook) => Promise<WebhookAnswer>

export interface PagerDutyWebhookOptions {
  /** All that are active; a webhook is genuine when any of them signed it. None: no webhook is accepted. */
  readonly secrets: readonly string[]
  readonly commands: Pick<Commands, 'pagerDuty'>
  readonly log: Logger
}

/**
 * `POST /webhooks/pagerduty`. 202 only once the event is stored durably. Whatever is our own fault is a 503, which PagerDuty repeats for
 * 48 h: any other 4xx it drops for good, and three drops in a row switch the subscription off.
 * https://developer.pagerduty.com/docs/webhooks-overview
 */
export function pagerDutyWebhook(options: PagerDutyWebhookOptions): PagerDutyWebhook {
  const { secrets, commands, log } = options

  async function store(event: Extract<PagerDutyEvent, { kind: 'incident' }>, webhookId: string) {
    const fields = { webhookId, eventId: event.eventId, incident: event.incident.id, transition: event.transition }
    try {
      const result = await commands.pagerDuty(event)
      log.info({ ...fields, result }, 'PagerDuty webhook')
      return answer(202, result)
    } catch (error) {
      log.error({ ...fields, err: error }, 'PagerDuty webhook could not be stored; PagerDuty will send it again')
      return tryAgain('The event could not be stored; send it again.')
    }
  }

  return async ({ headers, body }) => {
    const webhookId = oneLine(String(headers['x-webhook-id'] ?? 'none'), 100)
    if (secrets.length === 0) {
      log.error({ webhookId }, 'PagerDuty webhook refused: PAGERDUTY_WEBHOOK_SECRETS is not set')
      return tryAgain('incbot has no webhook secret yet, and accepts nothing unsigned.')
    }
    const signature = headers['x-pagerduty-signature']
    if (!verifySignature(body, typeof signature === 'string' ? signature : undefined, secrets)) {
      log.warn({ webhookId, signed: signature !== undefined }, 'PagerDuty webhook refused: the signature is wrong')
      return answer(401, 'refused', 'No active secret has signed this body.')
    }
    const parsed = parseWebhook(body)
    if (!parsed.ok) {
      log.warn({ webhookId, problem: parsed.problem }, 'PagerDuty webhook refused: it cannot be read')
      return answer(400, 'refused', parsed.problem)
    }
    const { event } = parsed
    if (event.kind === 'incident') return store(event, webhookId)
    log.debug({ webhookId, eventId: event.eventId, kind: event.kind }, 'PagerDuty webhook needs nothing')
    return event.kind === 'ping' ? answer(200, 'pong') : answer(202, 'ignored')
  }
}

function answer(status: number, word: string, problem?: string): WebhookAnswer {
  return { status, body: { status: word, ...(problem !== undefined && { problem }) } }
}

function tryAgain(problem: string): WebhookAnswer {
  return { ...answer(503, 'unavailable', problem), headers: { 'retry-after': '5' } }
}
