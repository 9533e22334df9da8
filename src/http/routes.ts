import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_NOTIFICATION_BYTES } from '../alertmanager/notification.ts'
import type { AlertmanagerWebhook } from '../alertmanager/webhook-route.ts'
import type { FreezeGate } from '../freeze/gate.ts'
import { MAX_WEBHOOK_BYTES } from '../pagerduty/event.ts'
import type { PagerDutyWebhook } from '../pagerduty/webhook-route.ts'
import type { Route } from './route.ts'

// An answer that says "again, please" must come before the sender gives up. What is stored too late all the same is a duplicate then.
/** PagerDuty gives up after 5 s. */
const PAGERDUTY_ANSWER_MS = 4_000
/** Alertmanager gives up after 10 s, or `group_interval` where that is longer. */
const ALERTMANAGER_ANSWER_MS = 8_000

export interface Handlers {
  readonly pagerDuty: PagerDutyWebhook
  readonly alertmanager?: AlertmanagerWebhook
  /** Bolt's request listener, which checks Slack's signature itself; absent in Socket Mode. */
  readonly slack?: (req: IncomingMessage, res: ServerResponse) => unknown
  readonly gate: FreezeGate
}

/** Everything that incbot answers on its main port. */
export function mainRoutes({ pagerDuty, alertmanager, slack, gate }: Handlers): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/webhooks/pagerduty',
      bodyLimitBytes: MAX_WEBHOOK_BYTES,
      answerMs: PAGERDUTY_ANSWER_MS,
      answer: ({ headers, body }) => pagerDuty({ headers, body }),
    },
    ...(alertmanager ? [alertmanagerRoute(alertmanager)] : []),
    ...(slack ? [{ method: 'POST' as const, path: '/slack/events', mount: slack }] : []),
    {
      method: 'GET',
      path: '/v1/freezes/:service',
      answer: ({ headers, params, query }) =>
        gate({
          service: params.service ?? '',
          query,
          authorization: headers.authorization,
          ifNoneMatch: headers['if-none-match'],
        }),
    },
  ]
}

function alertmanagerRoute({ refuse, answer }: AlertmanagerWebhook): Route {
  const path = '/webhooks/alertmanager'
  const bodyLimitBytes = MAX_NOTIFICATION_BYTES
  const answerMs = ALERTMANAGER_ANSWER_MS
  return { method: 'POST', path, bodyLimitBytes, answerMs, refuse, answer: ({ body }) => answer(body) }
}
