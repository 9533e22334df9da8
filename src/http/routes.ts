import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FreezeGate } from '../freeze/gate.ts'
import { MAX_WEBHOOK_BYTES } from '../pagerduty/event.ts'
import type { PagerDutyWebhook } from '../pagerduty/webhook-route.ts'
import type { Route } from './route.ts'

export interface Handlers {
  readonly pagerDuty: PagerDutyWebhook
  /** Bolt's request listener, which checks Slack's signature itself; absent in Socket Mode. */
  readonly slack?: (req: IncomingMessage, res: ServerResponse) => unknown
  readonly gate: FreezeGate
}

/** Everything that incbot answers on its main port. */
export function mainRoutes({ pagerDuty, slack, gate }: Handlers): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/webhooks/pagerduty',
      bodyLimitBytes: MAX_WEBHOOK_BYTES,
      answer: ({ headers, body }) => pagerDuty({ headers, body }),
    },
    ...(slack ? [{ method: 'POST' as const, path: '/slack/events', mount: slack }] : []),
    {
      method: 'GET',
      path: '/v1/freezes/:service',
      answer: ({ headers, params, query }) =>
        gate({ service: params.service ?? '', scope: query.scope, authorization: headers.authorization }),
    },
  ]
}
