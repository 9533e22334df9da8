import { createHmac, timingSafeEqual } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { WEBHOOK_SECRET } from './webhooks.ts'

/**
 * The limit: as little as a server can do that still reads, verifies and parses a webhook before it says 202. It keeps nothing. A process of
 * its own, started with a channel to its parent, which it tells its port.
 */
const server = http.createServer((req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk))
  req.on('end', () => {
    const body = Buffer.concat(chunks)
    const expected = createHmac('sha256', WEBHOOK_SECRET).update(body).digest()
    const header = String(req.headers['x-pagerduty-signature'] ?? '')
    const given = Buffer.from(header.replace(/^v1=/, ''), 'hex')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      res.writeHead(401).end()
      return
    }
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    const isEvent = typeof parsed === 'object' && parsed !== null && 'event' in parsed
    res.writeHead(isEvent ? 202 : 400, { 'content-type': 'application/json', 'content-length': 2 }).end('{}')
  })
})

server.listen(0, '127.0.0.1', () => {
  // A TCP server that is listening has an address object.
  process.send?.({ port: (server.address() as AddressInfo).port })
})
process.once('disconnect', () => process.exit(0))
