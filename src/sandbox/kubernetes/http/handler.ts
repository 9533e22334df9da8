import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, replyJson } from '../../http.ts'
import type { KubernetesUser } from '../rbac.ts'
import { ApiError, unauthorized } from '../status-error.ts'
import type { ApiReply } from './api-request.ts'
import { SERVER_VERSION } from './discovery.ts'
import type { Fault, Faults } from './faults.ts'
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

/** A sandbox may run for days; only the newest requests are kept. */
const KEPT_REQUESTS = 5000

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
    const entry = recorded(method, url, user?.name, parts.now(), body)
    parts.requests.push(entry)
    if (parts.requests.length > KEPT_REQUESTS) parts.requests.shift()
    const fault = parts.faults.take(method, url)
    if (fault === 'hang') return
    if (fault === 'reset') {
      req.socket.destroy()
      return
    }
    const reply = typeof fault === 'object' ? planned(fault) : attempt(() => replyTo(req, body, user, parts.route))
    if (fault === 'answer-lost') {
      req.socket.destroy()
      return
    }
    entry.status = 'stream' in reply ? 200 : reply.status
    send(res, reply)
  }
}

function attempt(answer: () => ApiReply): ApiReply {
  try {
    return answer()
  } catch (error) {
    const status = error instanceof ApiError ? error.status : internalError(error)
    return { status: status.code, body: status, headers: retryHeaders(status) }
  }
}

function planned({ status, reason = '', message = 'planned fault' }: Exclude<Fault, string>): ApiReply {
  const { status: body } = new ApiError(status, reason, message)
  return { status, body }
}

function replyTo(
  { method = 'GET', url = '/', headers }: IncomingMessage,
  body: Buffer,
  user: KubernetesUser | undefined,
  route: Route,
): ApiReply {
  const [path = '/', ...search] = url.split('?')
  const open = OPEN_TO_ALL.get(path)
  if (open) return open
  if (!user) throw unauthorized()
  const found = route(path)
  if (!found) return { status: 404, body: '404 page not found\n' }
  const { namespace, name } = found.params
  return found.answer({ method, query: new URLSearchParams(search.join('?')), headers, user, namespace, name, body })
}

/** What needs no token (`system:public-info-viewer`). */
const OPEN_TO_ALL = new Map<string, ApiReply>([
  ['/healthz', { status: 200, body: 'ok' }],
  ['/livez', { status: 200, body: 'ok' }],
  ['/readyz', { status: 200, body: 'ok' }],
  ['/version', { status: 200, body: SERVER_VERSION }],
])

function send(res: ServerResponse, reply: ApiReply): void {
  if ('stream' in reply) reply.stream(res)
  else if (typeof reply.body === 'string') res.writeHead(reply.status, { 'content-type': 'text/plain' }).end(reply.body)
  else replyJson(res, reply.status, reply.body, reply.headers)
}

const authenticated = (users: readonly KubernetesUser[], header: string | undefined): KubernetesUser | undefined => {
  const token = /^Bearer (.+)$/i.exec(header ?? '')?.[1]
  return token === undefined ? undefined : users.find((user) => user.token === token)
}

function recorded(method: string, path: string, user: string | undefined, at: number, body: Buffer) {
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
