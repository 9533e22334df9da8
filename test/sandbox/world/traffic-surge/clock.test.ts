import { createServer } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { startPrometheusStandIn } from '../../../../src/sandbox/prometheus/index.ts'
import { worldClock } from '../../../../src/sandbox/world/traffic-surge/clock.ts'
import { startMetricsWindow } from '../../../../src/sandbox/world/traffic-surge/metrics-window.ts'

const NOW = Date.UTC(2026, 2, 17, 7)
const HOUR_MS = 3_600_000

describe('a world that runs ahead', () => {
  it('keeps what it has gained', () => {
    let real = NOW
    const clock = worldClock(() => real)
    real += 1_000
    expect(clock.now()).toBe(NOW + 1_000)
    clock.run(30)
    real += 2_000
    expect(clock.aheadMs()).toBe(58_000)
    clock.run(1)
    real += 5_000
    expect(clock.aheadMs()).toBe(58_000)
    expect(clock.now()).toBe(real + 58_000)
  })

  it('shows its metrics to others at their own time, in questions and in answers', async () => {
    const prometheus = await startPrometheusStandIn()
    prometheus.append({ __name__: 'level' }, NOW + HOUR_MS - 60_000, 41)
    prometheus.append({ __name__: 'level' }, NOW + HOUR_MS, 42)
    const window = await startMetricsWindow(prometheus.url, () => HOUR_MS)
    const ask = async (path: string): Promise<unknown> => {
      const response = await fetch(`${window.url}/api/v1/${path}`)
      // The shape of a query's answer; a wrong one fails the comparisons below.
      return ((await response.json()) as { data: { result: unknown } }).data.result
    }
    const seconds = NOW / 1_000
    expect(await ask(`query?query=level&time=${seconds}`)).toEqual([
      { metric: { __name__: 'level' }, value: [seconds, '42'] },
    ])
    expect(await ask(`query?query=level&time=${new Date(NOW).toISOString()}`)).toMatchObject([
      { value: [seconds, '42'] },
    ])
    expect(await ask(`query_range?query=level&start=${seconds - 60}&end=${seconds}&step=60`)).toMatchObject([
      {
        values: [
          [seconds - 60, '41'],
          [seconds, '42'],
        ],
      },
    ])
    expect((await fetch(`${window.url}/-/ready`)).status).toBe(200)
    expect((await fetch(`${window.url}/api/v1/query?query=level{`)).status).toBe(400)
    await Promise.all([window.stop(), prometheus.stop()])
  })

  it('passes on the questions of clients that send them as a form', async () => {
    const asked: string[] = []
    const server = createServer((req, res) => {
      asked.push(req.url ?? '')
      res.end('{}')
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const window = await startMetricsWindow(`http://127.0.0.1:${port}`, () => 1_000)
    await fetch(`${window.url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: 'up', time: '5' }) })
    expect(asked).toEqual(['/api/v1/query?query=up&time=6'])
    await window.stop()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
})
