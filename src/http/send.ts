import type { ServerResponse } from 'node:http'
import type { Answer } from './route.ts'

/** Writes an answer with its exact length. Does nothing where another answer has begun or nobody is left to read it. */
export function send(res: ServerResponse, { status, body, headers = {} }: Answer, closing: boolean): void {
  if (res.headersSent || res.destroyed) return
  if (status === 304) {
    // What describes a body would describe the one that the client has (RFC 9110 §15.4.5).
    res.writeHead(status, { ...headers, ...(closing && { connection: 'close' }) })
    res.end()
    return
  }
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(text),
    ...(closing && { connection: 'close' }),
  })
  // An answer to HEAD has no body; node leaves it out.
  res.end(text)
}
