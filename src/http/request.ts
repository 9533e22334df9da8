import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../pipeline/ports.ts'
import { readBody } from './read-body.ts'
import type { Answer, AnsweringRoute, MountedRoute, Route } from './route.ts'
import type { Found } from './router.ts'
import { send } from './send.ts'

export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly found: Found
  /** For a route to answer in, once its request is there. */
  readonly answerMs: number
  /** For a request to come in. */
  readonly requestMs: number
  /** Whether the server stops, so that the connection is not kept. */
  readonly closing: () => boolean
  readonly log: Logger
}

/** Answers one request, whatever happens on the way. Returns at once and never throws. */
export function serveRequest(exchange: Exchange): void {
  const { req, res, found, log } = exchange
  const lost = (error: Error) => log.debug({ err: error }, 'A client went away')
  req.on('error', lost)
  res.on('error', lost)
  const { route } = found
  if (route === undefined) {
    send(res, missing(found.allowed), exchange.closing())
    return
  }
  const served = 'mount' in route ? hand(exchange, route) : ask(exchange, route, found)
  served.catch((error: unknown) => {
    log.error({ err: error, route: route.path }, 'Route failed')
    if (res.headersSent && !res.writableEnded) res.destroy()
    else send(res, { status: 500, body: { error: 'incbot failed to answer; its log says why.' } }, true)
  })
}

async function hand(exchange: Exchange, route: MountedRoute): Promise<void> {
  const { req, res, requestMs, answerMs } = exchange
  startDeadline(exchange, route, requestMs + (route.answerMs ?? answerMs))
  await route.mount(req, res)
}

async function ask(
  exchange: Exchange,
  route: AnsweringRoute,
  { params, query }: Pick<Extract<Found, { route: object }>, 'params' | 'query'>,
): Promise<void> {
  const { req, res, closing, answerMs } = exchange
  const { bodyLimitBytes } = route
  const refusal = route.refuse?.(req.headers)
  if (refusal !== undefined) {
    send(res, refusal, true)
    return
  }
  const reading =
    bodyLimitBytes === undefined ? { ok: true as const, body: Buffer.alloc(0) } : await readBody(req, bodyLimitBytes)
  if (reading.ok) {
    startDeadline(exchange, route, route.answerMs ?? answerMs)
    send(res, await route.answer({ headers: req.headers, params, query, body: reading.body }), closing())
  } else if (reading.reason === 'too-large') {
    const error = `The body is larger than the ${bodyLimitBytes} bytes that are read here.`
    send(res, { status: 413, body: { error } }, true)
  }
}

/** A mounted listener may still write its own answer later, so its connection is cut instead of answered for it. */
function startDeadline({ res, log }: Exchange, route: Route, ms: number): void {
  const deadline = setTimeout(() => {
    log.error({ route: route.path, waitedMs: ms }, 'Route did not answer in time')
    if (res.headersSent || 'mount' in route) res.destroy()
    else
      send(res, { status: 503, body: { error: 'incbot is too slow just now.' }, headers: { 'retry-after': '5' } }, true)
  }, ms)
  res.once('close', () => clearTimeout(deadline))
}

function missing(allowed: readonly string[]): Answer {
  if (allowed.length === 0) return { status: 404, body: { error: 'There is nothing under this path.' } }
  const allow = allowed.join(', ')
  return { status: 405, body: { error: `This path takes ${allow} only.` }, headers: { allow } }
}
