import type { Environment } from '../config/environment.ts'
import type { DataSourceDeps } from '../datasources/datasource.ts'
import type { PagerDutyClient } from '../pagerduty/client.ts'
import { createPagerDutyClient } from '../pagerduty/client.ts'
import type { Logger } from '../pipeline/ports.ts'

const TIMEOUT_MS = 8_000

/** The way to PagerDuty's REST API; undefined without a token and somebody in whose name notes are written. */
export function openPagerDuty(
  { apiToken, from, apiUrl }: Environment['pagerduty'],
  log: Logger,
): PagerDutyClient | undefined {
  if (apiToken === undefined || from === undefined) return undefined
  return createPagerDutyClient({ token: apiToken, from, baseUrl: apiUrl, timeoutMs: TIMEOUT_MS, logger: log })
}

/** PagerDuty's change events as a record of deploys. */
export function changeEvents(client: PagerDutyClient | undefined): DataSourceDeps['changeEvents'] {
  return (
    client &&
    (async (id, since, until, signal) => {
      const changes = await client.changeEvents(id, since, until, signal)
      return changes.map(({ at, summary }) => ({ at, what: summary }))
    })
  )
}
