import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createFreezeMemory } from '../../src/freeze/freeze-memory.ts'
import { freezeGate } from '../../src/freeze/gate.ts'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import { createHealth, type Health } from '../../src/ops/health.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { startOpsServer } from '../../src/ops/server.ts'
import { pagerDutyWebhook } from '../../src/pagerduty/webhook-route.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { type RawConnection, rawConnection, statusesIn } from '../http/raw.ts'
import { aWebhook } from '../pagerduty/webhook-bodies.ts'
import { aCatalogue, aService } from '../slack/builders.ts'

const SECRET = 'whsec-one'
const TOKEN = 'gate-token'
const SLOW = 500
const metrics = createMetrics()
const log = aLog()
let health: Health
let main: Server
let ops: Server

beforeAll(async () => {
  const store = memoryStore()
  const catalogue = aCatalogue(aService())
  const gate = freezeGate({
    tokens: [{ name: 'ci', token: TOKEN }],
    catalogue: () => catalogue,
    freezes: createFreezeMemory(store),
    staleForMs: 300_000,
    asked: { note() {} },
    blocked() {},
    log,
    meter: metrics,
    now: Date.now,
  })
  const pagerDuty = pagerDutyWebhook({ secrets: [SECRET], commands: { pagerDuty: async () => 'stored' }, log })
  health = createHealth({ probes: [], now: Date.now })
  const place = { host: '127.0.0.1', port: 0, log }
  // With the limits of production.
  main = await startServer({ ...place, routes: mainRoutes({ pagerDuty, gate }), meter: metrics })
  ops = await startOpsServer({ ...place, metrics, health, audit: { records: store, owner: 'nobody' } })
})
afterAll(async () => {
  health.stop()
  await Promise.all([main.stop(0), ops.stop(0)])
})

async function webhook(): Promise<number> {
  const body = aWebhook()
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  const headers = { 'x-pagerduty-signature': `v1=${signature}` }
  return (await fetch(`${main.url}/webhooks/pagerduty`, { method: 'POST', body, headers })).status
}

async function timed(work: () => Promise<number>): Promise<{ readonly status: number; readonly tookMs: number }> {
  const before = performance.now()
  return { status: await work(), tookMs: performance.now() - before }
}

const POST = 'POST /webhooks/pagerduty HTTP/1.1\r\nHost: a\r\n'
/** Nothing; headers, a body and chunks without an end. */
const SLOWLY = [
  '',
  `${POST}X: `,
  `${POST}Content-Length: 100000\r\n\r\n{`,
  `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
]

it('500 slow connections on each port stop neither a webhook nor a look at the health, and are closed in time', async () => {
  const open: RawConnection[] = []
  for (let n = 0; n < SLOW; n += 1) {
    const both = await Promise.all([rawConnection(main.port), rawConnection(ops.port)])
    for (const one of both) one.write(SLOWLY[n % SLOWLY.length] ?? '')
    open.push(...both)
  }
  const answers = await Promise.all([timed(webhook), timed(async () => (await fetch(`${ops.url}/healthz`)).status)])
  expect(answers.map(({ status }) => status)).toEqual([202, 200])
  // PagerDuty waits for five seconds.
  for (const { tookMs } of answers) expect(tookMs).toBeLessThan(2_500)
  await Promise.all(open.map(({ closed }) => closed))
  expect(log.messages('error')).toEqual([])
}, 60_000)

describe('headers without measure', () => {
  it.each([
    ['one of 64 KB', `X: ${'x'.repeat(64_000)}\r\n`],
    ['ten thousand of them', 'X: y\r\n'.repeat(10_000)],
  ])(
    'are refused: %s',
    async (_what, headers) => {
      for (const port of [main.port, ops.port]) {
        const connection = await rawConnection(port)
        connection.write(`GET /metrics HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
        expect(statusesIn(await connection.closed)).toEqual([431])
      }
      expect(await webhook()).toBe(202)
    },
    20_000,
  )
})

it('names that somebody makes up do not grow the metrics', async () => {
  const headers = { authorization: `Bearer ${TOKEN}` }
  const ask = async (n: number): Promise<void> => {
    for (const path of [`/v1/freezes/made-up-${n}`, `/v1/freezes/${n}?scope=${n}&label=a=${n}`, `/nowhere/${n}`])
      await (await fetch(main.url + path, { headers })).text()
    await (await fetch(`${main.url}/v1/freezes/inference`, { method: `X${n}`, headers })).text()
  }
  const series = async (): Promise<number> =>
    (await metrics.text()).split('\n').filter((line) => line.startsWith('incbot_')).length
  await ask(0)
  const before = await series()
  for (let n = 1; n < 40; n += 1) await ask(n)
  expect(await series()).toBe(before)
  expect(await metrics.text()).toContain('incbot_gate_questions_total{service="other",result="unknown-service"} 80')
}, 60_000)
