import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Logger } from '../pipeline/ports.ts'
import { serveRequest } from './request.ts'
import type { Route } from './route.ts'
import { createRouter } from './router.ts'

/** Counts answered requests; `route` is the route's pattern, or `none`. */
export interface HttpMeter {
  httpRequest(route: string, status: number, ms: number): void
}

interface ServerLimits {
  /** Until all headers are there, counted from the connection: against clients that drip. */
  readonly headersMs: number
  /** Until the whole request is there; at least `headersMs`. */
  readonly requestMs: number
  /** From the whole request to its answer; then 503. */
  readonly answerMs: number
  /** Longer than the minute after which load balancers drop an idle connection, so that they do it first. */
  readonly keepAliveMs: number
  readonly checkEveryMs: number
  readonly connections: number
}

const LIMITS: ServerLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  answerMs: 10_000,
  keepAliveMs: 65_000,
  checkEveryMs: 1_000,
  connections: 2_000,
}

/** From this share of all connections on, idle ones make room. */
const CROWDED = 0.5

export interface ServerOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly routes: readonly Route[]
  readonly log: Logger
  readonly meter?: HttpMeter
  readonly limits?: Partial<ServerLimits>
}

export interface Server {
  readonly url: string
  readonly port: number
  /** Accepts nothing more, lets running requests finish for `graceMs`, then cuts them off. May be called again. */
  stop(graceMs: number): Promise<void>
}

/**
 * Serves `routes` over plain HTTP/1.1. What a client sends, or does not send, never becomes an exception: unknown paths are 404, other
 * methods 405, oversized bodies 413, slow requests 408. Rejects with a sentence for people when it cannot listen.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { host, port, routes, log, meter } = options
  const limits = { ...LIMITS, ...options.limits }
  const find = createRouter(routes)
  const sockets = new Set<Socket>()
  let stopped: Promise<void> | undefined
  const closing = () => stopped !== undefined

  function onRequest(req: IncomingMessage, res: ServerResponse): void {
    const startedAt = performance.now()
    const found = find(req.method ?? '', req.url ?? '')
    res.once('close', () => {
      // 499, nginx's word for a client that left: nothing was sent.
      const status = res.headersSent ? res.statusCode : 499
      meter?.httpRequest(found.route?.path ?? 'none', status, performance.now() - startedAt)
      if (closing()) setImmediate(() => server.closeIdleConnections())
    })
    serveRequest({ req, res, found, answerMs: limits.answerMs, requestMs: limits.requestMs, closing, log })
  }

  const server = http.createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    onRequest,
  )
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // A webhook must find a place although somebody keeps connections on which nothing is asked any more.
    if (sockets.size > limits.connections * CROWDED) server.closeIdleConnections()
  })
  await listening(server, host, port)
  server.on('error', (error) => log.error({ err: error }, 'HTTP server failed to accept a connection'))

  async function drain(graceMs: number): Promise<void> {
    const cut = setTimeout(() => server.closeAllConnections(), graceMs)
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    // A connection on which nothing was asked yet counts as busy in node.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    await closed
    clearTimeout(cut)
  }

  // A TCP server that is listening has an address object; only pipes answer with a string.
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    stop: (graceMs) => {
      stopped ??= drain(graceMs)
      return stopped
    },
  }
}

function listening(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`Cannot listen on ${host}:${port}: ${meaning(error)}`, { cause: error }))
    })
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function meaning(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'another program uses this port. Stop it, or choose another port.'
  if (error.code === 'EACCES') return 'this needs more rights. Choose a port above 1023.'
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return 'this machine has no such address.'
  return `${error.code ?? error.message}.`
}
