import type { Route } from '../http/route.ts'
import { type HttpMeter, type Server, startServer } from '../http/server.ts'
import type { Logger } from '../pipeline/ports.ts'
import { type AuditRouteOptions, auditRoute } from './audit-route.ts'
import type { Health } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface OpsServerOptions {
  readonly host: string
  readonly port: number
  readonly log: Logger
  readonly metrics: Pick<Metrics, 'text' | 'contentType'> & HttpMeter
  readonly health: Pick<Health, 'live' | 'ready'>
  readonly audit: AuditRouteOptions
}

/**
 * The port for those who run incbot: `/metrics`, `/healthz`, `/readyz`, and for its own host `/audit`. It asks nobody who they are, so it is not for
 * the internet.
 */
export function startOpsServer(options: OpsServerOptions): Promise<Server> {
  const { host, port, log, metrics } = options
  return startServer({ host, port, log, meter: metrics, routes: opsRoutes(options) })
}

function opsRoutes({ host, metrics, health, audit }: OpsServerOptions): readonly Route[] {
  const headers = { 'cache-control': 'no-store' }
  return [
    auditRoute({ ...audit, host }),
    {
      method: 'GET',
      path: '/metrics',
      answer: async () => ({
        status: 200,
        body: await metrics.text(),
        headers: { ...headers, 'content-type': metrics.contentType },
      }),
    },
    {
      method: 'GET',
      path: '/healthz',
      answer: async () => {
        const body = health.live()
        return { status: body.status === 'ok' ? 200 : 503, body, headers }
      },
    },
    {
      method: 'GET',
      path: '/readyz',
      answer: async () => {
        const body = await health.ready()
        return { status: body.status === 'ready' || body.status === 'degraded' ? 200 : 503, body, headers }
      },
    },
  ]
}
