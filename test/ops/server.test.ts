import { afterEach, describe, expect, it } from '@jest/globals'
import type { Server } from '../../src/http/server.ts'
import { createHealth, type Health, type HealthOptions } from '../../src/ops/health.ts'
import { createMetrics } from '../../src/ops/metrics.ts'
import { startOpsServer } from '../../src/ops/server.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'

let server: Server | undefined
let health: Health | undefined
afterEach(async () => {
  health?.stop()
  await server?.stop(0)
})

async function anOpsPort(changes: Partial<HealthOptions> = {}) {
  const measured = createHealth({ probes: [], now: Date.now, ...changes })
  health = measured
  const audit = { records: memoryStore(), owner: 'nobody' }
  const place = { host: '127.0.0.1', port: 0, log: aLog() }
  server = await startOpsServer({ ...place, metrics: createMetrics(), health: measured, audit })
  const { url } = server
  return { url, health: measured, get: (path: string) => fetch(`${url}${path}`) }
}

const failing = (required: boolean) => ({ name: 'store', required, check: () => Promise.reject(new Error('locked')) })

describe('the ops port', () => {
  it('serves metrics in Prometheus’ text format, its own requests among them', async () => {
    const { get } = await anOpsPort()
    await (await get('/metrics')).text()
    const response = await get('/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await response.text()).toContain('incbot_http_requests_total{route="/metrics",status="200"} 1')
  })

  it('says that the process lives', async () => {
    const { get } = await anOpsPort()
    const response = await get('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      status: 'ok',
      uptimeS: expect.any(Number),
      eventLoopDelayMs: expect.any(Number),
    })
  })

  it.each([
    [1_000, 200],
    [1_001, 503],
  ])('with an event loop that is late by %i ms answers %i', async (delayMs, status) => {
    const { get } = await anOpsPort({ eventLoopDelayMs: () => delayMs })
    expect((await get('/healthz')).status).toBe(status)
  })

  it('is alive while a dependency is not', async () => {
    const { get } = await anOpsPort({ probes: [failing(true)] })
    expect((await get('/healthz')).status).toBe(200)
  })

  it.each([
    ['ready', [], 200],
    ['degraded', [failing(false)], 200],
    ['not-ready', [failing(true)], 503],
  ])('that is %s says so', async (status, probes, code) => {
    const { get } = await anOpsPort({ probes })
    const response = await get('/readyz')
    expect(response.status).toBe(code)
    expect(await response.json()).toMatchObject({ status })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('is not ready while the process ends', async () => {
    const { get, health: draining } = await anOpsPort()
    expect((await get('/readyz')).status).toBe(200)
    draining.drain()
    const response = await get('/readyz')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ status: 'draining' })
    expect((await get('/healthz')).status).toBe(200)
  })

  it('knows nothing else', async () => {
    const { get } = await anOpsPort()
    expect((await get('/webhooks/pagerduty')).status).toBe(404)
  })
})
