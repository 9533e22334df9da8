import type { IncomingHttpHeaders } from 'node:http'
import type { AlertFacts } from '../domain/alert.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { Logger } from '../pipeline/ports.ts'
import { tokenCheck } from './authorization.ts'
import { type Notification, parseNotification, type ReceivedAlert } from './notification.ts'

interface WebhookAnswer {
  readonly status: number
  readonly body: { readonly status: string; readonly problem?: string } & Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface AlertmanagerWebhook {
  /** Why a request is not even read; undefined when it may come in. */
  readonly refuse: (headers: IncomingHttpHeaders) => WebhookAnswer | undefined
  /** Answers one notification that was let in. Never rejects. */
  readonly answer: (body: Buffer) => Promise<WebhookAnswer>
}

export interface AlertmanagerWebhookOptions {
  /** All that are valid now. None: no notification is accepted. */
  readonly tokens: readonly string[]
  readonly read: (alert: ReceivedAlert, now: number) => AlertFacts
  readonly commands: Pick<Commands, 'alerts'>
  readonly now: () => number
  readonly log: Logger
}

/**
 * `POST /webhooks/alertmanager`. 200 only once every alert of the notification is stored durably. Whatever is our own fault is a 503, after
 * which Alertmanager sends all of it again; any 4xx it drops for good.
 */
export function alertmanagerWebhook(options: AlertmanagerWebhookOptions): AlertmanagerWebhook {
  const { tokens, read, commands, now, log } = options
  const isGenuine = tokenCheck(tokens)

  async function store({ groupKey, alerts, truncatedAlerts }: Notification): Promise<WebhookAnswer> {
    const fields = { groupKey, alerts: alerts.length }
    if (truncatedAlerts > 0)
      log.warn({ ...fields, truncatedAlerts }, 'Alertmanager left alerts out: see its max_alerts')
    try {
      const at = now()
      const result = await commands.alerts(alerts.map((alert) => read(alert, at)))
      log.info({ ...fields, ...result }, 'Alertmanager notification')
      return { status: 200, body: { status: 'stored', ...result } }
    } catch (error) {
      log.error({ ...fields, err: error }, 'Alertmanager notification could not be stored; it will be sent again')
      return tryAgain('The alerts could not be stored; send them again.')
    }
  }

  return {
    refuse({ authorization }) {
      if (tokens.length === 0) {
        log.error({}, 'Alertmanager notification refused: ALERTMANAGER_WEBHOOK_TOKENS is not set')
        return tryAgain('incbot has no token for Alertmanager yet, and accepts nothing from strangers.')
      }
      if (isGenuine(authorization)) return undefined
      log.warn({ given: authorization !== undefined }, 'Alertmanager notification refused: its token is wrong')
      const problem = 'Give a token of ALERTMANAGER_WEBHOOK_TOKENS as `Authorization: Bearer`, or as the password.'
      return { status: 401, body: { status: 'refused', problem }, headers: { 'www-authenticate': 'Bearer' } }
    },
    async answer(body) {
      const parsed = parseNotification(body)
      if (parsed.ok) return store(parsed.notification)
      log.warn({ problem: parsed.problem }, 'Alertmanager notification refused: it cannot be read')
      return { status: 400, body: { status: 'refused', problem: parsed.problem } }
    },
  }
}

function tryAgain(problem: string): WebhookAnswer {
  return { status: 503, body: { status: 'unavailable', problem }, headers: { 'retry-after': '5' } }
}
