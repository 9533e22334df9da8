import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** A running stand-in. `stop` closes the listener and every open connection, web sockets and hanging replies included. */
export interface StandInServer {
  readonly url: string
  stop(): Promise<void>
}

/** PEM texts for a stand-in that speaks TLS. */
export interface TlsIdentity {
  readonly key: string
  readonly cert: string
}

/** The request's body was larger than the stand-in reads; `listen` answers 413. */
class BodyTooLargeError extends Error {
  readonly limitBytes: number
  constructor(limitBytes: number) {
    super(`The request body is larger than ${limitBytes} bytes.`)
    this.name = 'BodyTooLargeError'
    this.limitBytes = limitBytes
  }
}

/**
 * Starts a server on a free loopback port. A handler that throws or rejects is answered with 500 and the error's text
 * (413 for a body over its limit), or by a cut connection once the reply had begun: a broken stand-in never hangs a test.
 */
export async function listen(
  handler: (req: IncomingMessage, res: ServerResponse) => void | Promise<void>,
  tls?: TlsIdentity,
): Promise<StandInServer & { readonly server: http.Server }> {
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    Promise.resolve()
      .then(() => handler(req, res))
      .catch((error: unknown) => answerFailure(res, error))
  }
  const server: http.Server = tls ? https.createServer({ ...tls }, onRequest) : http.createServer(onRequest)
  // As long as the load balancers of the real ones: a client that is held up for seconds must not find its line cut.
  server.keepAliveTimeout = 60_000
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // A TCP server that is listening has an address object; only pipes answer with a string.
  const { port } = server.address() as AddressInfo
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, server, stop }
}

/** Reads the whole body. Throws `BodyTooLargeError` beyond `limitBytes`, and the stream's own error if the client goes away. */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    // Without setEncoding a request yields Buffers only.
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > limitBytes) throw new BodyTooLargeError(limitBytes)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, size)
}

/** Sends `body` as JSON with its exact length; `headers` win over the defaults. */
export function replyJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers })
  res.end(bytes)
}

function answerFailure(res: ServerResponse, error: unknown): void {
  if (res.headersSent || res.destroyed) {
    res.destroy()
    return
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  res.writeHead(error instanceof BodyTooLargeError ? 413 : 500, {
    'content-type': 'text/plain; charset=utf-8',
    connection: 'close',
  })
  res.end(text)
}
