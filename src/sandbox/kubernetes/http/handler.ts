import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, replyJson } from '../../http.ts'
import type { KubernetesUser } from '../rbac.ts'
import { ApiError, unauthorized } from '../status-error.ts'
import type { ApiReply } from './api-request.ts'
import { SERVER_VERSION } from './discovery.ts'
import type { Faults } from './faults.ts'
import type { Route } from './routes.ts'

/** One request as the stand-in saw it; `path` has its query, and `status` is 0 as long as there is no answer. */
export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly user: string | undefined
  readonly status: number
  readonly at: number
  readonly body?: unknown
}

/** The API server takes bodies up to 3 MiB. */
const BODY_LIMIT_BYTES = 3 * 2 ** 20

export interface HandlerParts {
  readonly users: readonly KubernetesUser[]
  readonly route: Route
  readonly faults: Faults
  readonly now: () => number
  readonly requests: RecordedRequest[]
}

/** The life of a request: recorded, spoilt if a fault is planned, authenticated, routed, authorised, answered. */
export function apiHandler(parts: HandlerParts): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const { method = 'GET', url = '/' } = req
    const body = await readBody(req, BODY_LIMIT_BYTES)
    const user = authenticated(parts.users, req.headers.authorization)
    const index = parts.requests.push(recorded(method, url, user?.name, parts.now(), body)) - 1
    const note = (status: number): void => {
      const entry = parts.requests[index]
      if (entry) parts.requests[index] = { ...entry, status }
    }
    const fault = parts.faults.take(method, url)
    if (fault === 'hang') return
    if (fault === 'reset') {
      req.socket.resetAndDestroy()
      return
    }
    try {
      if (fault) throw new ApiError(fault.status, fault.reason ?? '', fault.message ?? 'planned fault')
      answer({ req, res, body, user }, parts.route, note)
    } catch (error) {
      const status = error instanceof ApiError ? error.status : internalError(error)
      note(status.code)
      replyJson(res, status.code, status, retryHeaders(status))
    }
  }
}

interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly body: Buffer
  readonly user: KubernetesUser | undefined
}

function answer({ req, res, body, user }: Exchange, route: Route, note: (status: number) => void): void {
  const { method = 'GET', url = '/', headers } = req
  const { pathname, searchParams } = new URL(url, 'http://stand-in')
  const open = OPEN_TO_ALL.get(pathname)
  if (!open && !user) throw unauthorized()
  const found = open ? undefined : route(pathname)
  if (open) {
    send(res, open, note)
  } else if (found && user) {
    const { namespace, name } = found.params
    send(res, found.answer({ method, query: searchParams, headers, user, namespace, name, body }), note)
  } else {
    send(res, { status: 404, body: '404 page not found\n' }, note)
  }
}

/** What needs no token (`system:public-info-viewer`). */
const OPEN_TO_ALL = new Map<string, ApiReply>([
  ['/healthz', { status: 200, body: 'ok' }],
  ['/livez', { status: 200, body: 'ok' }],
  ['/readyz', { status: 200, body: 'ok' }],
  ['/version', { status: 200, body: SERVER_VERSION }],
])

function send(res: ServerResponse, reply: ApiReply, note: (status: number) => void): void {
  note('stream' in reply ? 200 : reply.status)
  if ('stream' in reply) reply.stream(res)
  else if (typeof reply.body === 'string') res.writeHead(reply.status, { 'content-type': 'text/plain' }).end(reply.body)
  else replyJson(res, reply.status, reply.body, reply.headers)
}

const authenticated = (users: readonly KubernetesUser[], header: string | undefined): KubernetesUser | undefined => {
  const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1]
  return token === undefined ? undefined : users.find((user) => user.token === token)
}

function recorded(method: string, path: string, user: string | undefined, at: number, body: Buffer): RecordedRequest {
  const seen = { method, path, user, status: 0, at }
  if (body.length === 0) return seen
  const text = body.toString('utf8')
  try {
    return { ...seen, body: JSON.parse(text) }
  } catch {
    return { ...seen, body: text }
  }
}

function internalError(error: unknown) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new ApiError(500, 'InternalError', `Internal error occurred: ${text}`).status
}

const retryHeaders = ({ details }: ApiError['status']): Record<string, string> =>
  details?.retryAfterSeconds === undefined ? {} : { 'retry-after': String(details.retryAfterSeconds) }
