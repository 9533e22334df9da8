import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { App, HTTPReceiver, LogLevel } from '@slack/bolt'
import fc from 'fast-check'
import { createFreezeMemory } from '../../src/freeze/freeze-memory.ts'
import { freezeGate } from '../../src/freeze/gate.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import { pagerDutyWebhook } from '../../src/pagerduty/webhook-route.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { rawConnection, statusesIn } from './raw.ts'

const SECRET = 'whsec-one'
const SLACK_SECRET = 'slack-signing-secret'
const TOKEN = 'gate-token'
const log = aLog()
const commands: unknown[] = []
let server: Server

beforeAll(async () => {
  const quiet = {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    getLevel: () => LogLevel.ERROR,
    setName() {},
  }
  const receiver = new HTTPReceiver({ signingSecret: SLACK_SECRET, logger: quiet })
  const authorize = async () => ({ botToken: 'xoxb-1', botUserId: 'U1', botId: 'B1' })
  const app = new App({ receiver, authorize, logger: quiet })
  app.command('/inc', async ({ ack, command }) => {
    commands.push(command.text)
    await ack('on it')
  })
  const store = memoryStore()
  const pagerDuty = pagerDutyWebhook({ secrets: [SECRET], commands: { pagerDuty: async () => 'stored' }, log })
  const catalogue = () => ({ services: [], byName: () => undefined, byPagerDutyId: () => undefined })
  const gate = freezeGate({
    tokens: [{ name: 'ci', token: TOKEN }],
    catalogue,
    freezes: createFreezeMemory(store),
    staleForMs: 300_000,
    asked: { note() {} },
    blocked() {},
    log,
    now: Date.now,
  })
  const routes = mainRoutes({ pagerDuty, slack: receiver.requestListener, gate })
  const limits = { headersMs: 200, requestMs: 200, checkEveryMs: 20 }
  server = await startServer({ host: '127.0.0.1', port: 0, routes, log, limits })
})
afterAll(() => server.stop(0))

describe('Slack’s own listener, mounted', () => {
  const signedCommand = (text: string) => {
    const body = new URLSearchParams({
      command: '/inc',
      text,
      team_id: 'T1',
      user_id: 'U1',
      channel_id: 'C1',
    }).toString()
    const at = String(Math.floor(Date.now() / 1000))
    const signature = createHmac('sha256', SLACK_SECRET).update(`v0:${at}:${body}`).digest('hex')
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': at,
      'x-slack-signature': `v0=${signature}`,
    }
    return { method: 'POST', body, headers }
  }

  it('gets the body as Slack signed it', async () => {
    const response = await fetch(`${server.url}/slack/events`, signedCommand('diagnose inference'))
    expect([response.status, await response.text()]).toEqual([200, 'on it'])
    expect(commands).toEqual(['diagnose inference'])
  })

  it('refuses for itself what Slack did not sign', async () => {
    const request = signedCommand('diagnose inference')
    const forged = { ...request, body: `${request.body}&forged=1` }
    expect((await fetch(`${server.url}/slack/events`, forged)).status).toBe(401)
    expect(commands).toHaveLength(1)
  })
})

/** Sends exactly these bytes, says that nothing follows, and waits until the server has had enough. */
async function answersTo(bytes: Uint8Array | string): Promise<number[]> {
  const connection = await rawConnection(server.port)
  connection.write(bytes)
  return statusesIn(await connection.closed)
}

const PATHS = ['/webhooks/pagerduty', '/slack/events', '/v1/freezes/inference', '/v1/freezes/', '/', '*', '//', '/%']
const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'X']
const headerName = fc.oneof(
  fc.constantFrom('content-length', 'transfer-encoding', 'expect', 'upgrade', 'content-type', 'authorization'),
  fc.constantFrom('x-pagerduty-signature', 'x-webhook-id', 'x-slack-signature', 'x-slack-request-timestamp'),
  fc.stringMatching(/^[a-zA-Z-]{1,20}$/),
)
const headerValue = fc.oneof(
  fc.constantFrom('0', '5', '-1', '99999999999', 'chunked', '100-continue', 'websocket', 'Bearer gate-token', 'v1='),
  fc.string({ maxLength: 60 }).map((text) => text.replace(/[\r\n]/g, ' ')),
)
const request = fc.record({
  method: fc.constantFrom(...METHODS),
  path: fc.oneof(
    fc.constantFrom(...PATHS),
    fc.webPath(),
    fc.string({ maxLength: 40 }).map((text) => `/v1/freezes/${text}`),
  ),
  query: fc.oneof(
    fc.constant(''),
    fc.constantFrom('?scope=model', '?scope=%', '?__proto__=1'),
    fc.webQueryParameters(),
  ),
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
  body: fc.uint8Array({ maxLength: 200 }),
})

describe('whatever comes in', () => {
  it('as bytes is answered or cut off in time, and never with a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const statuses = await answersTo(bytes)
        expect(statuses.filter((status) => status >= 500)).toEqual([])
      }),
      { numRuns: 60 },
    )
    expect(log.messages('error')).toEqual([])
  }, 60_000)

  it('as something like a request is answered or cut off in time, and never with a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, query, headers, body }) => {
        const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
        const line = `${method} ${path}${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${head}`
        const statuses = await answersTo(Buffer.concat([Buffer.from(`${line}\r\n`, 'latin1'), body]))
        expect(statuses.filter((status) => status >= 500)).toEqual([])
      }),
      { numRuns: 150 },
    )
    expect(log.messages('error')).toEqual([])
  }, 60_000)

  it('as a signed webhook is stored, ignored or refused', async () => {
    const event = fc.record({
      id: fc.oneof(fc.constant('E1'), fc.anything()),
      event_type: fc.oneof(fc.constantFrom('incident.triggered', 'incident.annotated', 'pagey.ping'), fc.anything()),
      occurred_at: fc.oneof(fc.constant('2026-05-11T03:42:00Z'), fc.anything()),
      data: fc.anything(),
    })
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((json) => Buffer.from(json)),
      event.map((one) =>
        Buffer.from(JSON.stringify({ event: one }, (_, value) => (typeof value === 'bigint' ? 1 : value))),
      ),
    )
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const signature = createHmac('sha256', SECRET).update(bytes).digest('hex')
        const response = await fetch(`${server.url}/webhooks/pagerduty`, {
          method: 'POST',
          body: bytes,
          headers: { 'x-pagerduty-signature': `v1=${signature}` },
        })
        await response.text()
        expect([200, 202, 400]).toContain(response.status)
      }),
      { numRuns: 300 },
    )
    expect(log.messages('error')).toEqual([])
  }, 60_000)

  it('leaves the server as it was', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect((await fetch(`${server.url}/v1/freezes/inference`, { headers })).status).toBe(404)
  })
})
