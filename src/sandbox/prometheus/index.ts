import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, readBody, replyJson } from '../http.ts'
import type { Backend } from './endpoints.ts'
import { SeriesStore } from './engine/series-store.ts'
import type { Generation } from './engine/values.ts'
import { type Failure, FailureQueue, fail } from './failures.ts'
import { PromqlError } from './promql/errors.ts'
import { healthText, routeOf } from './routes.ts'

/** A Prometheus that answers from samples given to it. */
export interface PrometheusStandIn {
  readonly url: string
  /** Every request so far: its path, its PromQL (empty where it carries none), when it came, and the status sent (0: none). */
  readonly requests: readonly { path: string; query: string; at: number; status: number }[]
  /** Adds a sample. Throws a `RangeError` for malformed labels and for a time that is not after the series' last one. */
  append(labels: Readonly<Record<string, string>>, atMs: number, value: number): void
  /** Makes the next requests fail, whatever they ask. */
  failNext(failure: Failure, times?: number): void
  stop(): Promise<void>
}

export interface PrometheusStandInOptions {
  /** Answer 401 to requests without this bearer token. */
  readonly bearerToken?: string
  /** The clock, in epoch milliseconds, for queries that name no time. */
  readonly now?: () => number
  /** Whose edges of ranges to follow, see `Generation`; 2 unless given. */
  readonly generation?: Generation
}

const bodyLimitBytes = 1024 * 1024

/** Starts the stand-in on a free loopback port. What it does not support it refuses with 422 and a text that names it. */
export async function startPrometheusStandIn(options: PrometheusStandInOptions = {}): Promise<PrometheusStandIn> {
  const { bearerToken, now = Date.now, generation = 2 } = options
  const backend: Backend = { store: new SeriesStore(), now, generation }
  const failures = new FailureQueue()
  const requests: { path: string; query: string; at: number; status: number }[] = []

  const server = await listen(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://stand-in')
    const parameters = await withForm(req, searchParams)
    const entry = { path: pathname, query: parameters.get('query') ?? '', at: now(), status: 0 }
    requests.push(entry)
    const failure = failures.next()
    const isAuthorized = bearerToken === undefined || req.headers.authorization === `Bearer ${bearerToken}`
    if (failure !== undefined) entry.status = fail(failure, res)
    else if (isAuthorized) entry.status = answer(req, res, pathname, parameters, backend)
    else entry.status = replyText(res, 401, 'Unauthorized\n', { 'www-authenticate': 'Bearer' })
  })

  return {
    url: server.url,
    requests,
    append: (labels, atMs, value) => backend.store.append(labels, atMs, value),
    failNext: (failure, times = 1) => failures.add(failure, times),
    stop: () => server.stop(),
  }
}

async function withForm(req: IncomingMessage, fromUrl: URLSearchParams): Promise<URLSearchParams> {
  const body = await readBody(req, bodyLimitBytes)
  const isForm = req.headers['content-type']?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded'
  if (!isForm) return fromUrl
  return new URLSearchParams([...new URLSearchParams(body.toString('utf8')), ...fromUrl])
}

function answer(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  parameters: URLSearchParams,
  backend: Backend,
): number {
  const health = healthText(path)
  if (health !== undefined) return replyText(res, 200, health)
  const route = routeOf(path)
  if (route === undefined) return replyText(res, 404, '404 page not found\n')
  if (!route.methods.includes(req.method ?? ''))
    return replyText(res, 405, 'Method Not Allowed\n', { allow: route.methods.join(', ') })
  try {
    replyJson(res, 200, { status: 'success', data: route.endpoint(backend, parameters) })
    return 200
  } catch (error) {
    if (!(error instanceof PromqlError)) throw error
    const status = error.errorType === 'bad_data' ? 400 : 422
    replyJson(res, status, { status: 'error', errorType: error.errorType, error: error.message })
    return status
  }
}

function replyText(
  res: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): number {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  res.end(text)
  return status
}
