import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ModelServingWorld } from '../../../src/sandbox/world/index.ts'
import { startModelServingWorld } from '../../../src/sandbox/world/index.ts'
import { measured } from './running-world.ts'

const memory = 'container_memory_working_set_bytes{namespace="ml",pod="inference-prod-3",container="inference"}'
let world: ModelServingWorld

beforeAll(async () => {
  world = await startModelServingWorld({ podStartMs: 30, podStopMs: 20, incidentNumber: 1 })
})
afterAll(() => world.stop())

/** How far a value is off what is expected, as a share of it. */
const off = (value: number, expected: number): number => Math.abs(value / expected - 1)

describe('the metrics of the first incident', () => {
  it('show the numbers of the alert: 31.2 of 32 GB, and 2.3 GB/h over the last six hours', async () => {
    expect(off(await measured(world, memory), 31.2e9)).toBeLessThan(0.01)
    expect(await measured(world, 'min(kube_pod_container_resource_limits{resource="memory",unit="byte"})')).toBe(32e9)
    expect(off(await measured(world, `(${memory} - ${memory} offset 6h) / 6`), 2.3e9)).toBeLessThan(0.1)
    expect(off(world.facts.wholeWindowBytesPerHour, 2.3e9)).toBeLessThan(0.1)
  })

  it('show a restart 3.74 h ago and a climb of 6.2 GB/h ever since', async () => {
    const startedAt = await measured(world, 'process_start_time_seconds{pod="inference-prod-3"}')
    expect(off(Date.now() / 1_000 - startedAt, 3.74 * 3_600)).toBeLessThan(0.01)
    expect(await measured(world, `min_over_time(${memory}[4h])`)).toBeLessThan(8.2e9)
    expect(await measured(world, `max_over_time(${memory}[2h] offset 225m)`)).toBeGreaterThan(28.5e9)
    expect(
      off(await measured(world, `(${memory} - ${memory} offset 220m) / 220 * 60`), world.facts.bytesPerHour),
    ).toBeLessThan(0.1)
  })

  it('show one step of about 494 MB for each of 47 deploys', async () => {
    const rise = 'model_deploys_total - model_deploys_total offset 223m'
    expect(await measured(world, rise)).toBe(47)
    expect(off(await measured(world, `(${memory} - 8e9) / 47`), world.facts.bytesPerDeploy)).toBeLessThan(0.02)
    expect(off(world.facts.bytesPerDeploy, 494e6)).toBeLessThan(0.02)
  })

  it('count evictions that free nothing', async () => {
    expect(await measured(world, 'model_cache_max_size{pod="inference-prod-3"}')).toBe(10)
    expect(await measured(world, 'model_cache_evictions_total{pod="inference-prod-3"}')).toBe(37)
  })

  it('show the other pods between 65 and 90 % of their limit', async () => {
    const others = 'container_memory_working_set_bytes{pod!="inference-prod-3"}'
    expect(await measured(world, `min(${others})`)).toBeGreaterThan(0.65 * 32e9)
    expect(await measured(world, `max(${others})`)).toBeLessThan(0.9 * 32e9)
  })

  it('show less traffic than a week ago, slow answers, and some swap', async () => {
    const rate = 'sum(rate(http_requests_total[5m]))'
    expect(off(await measured(world, `${rate} / (sum(rate(http_requests_total[5m] offset 1w)))`), 0.93)).toBeLessThan(
      0.03,
    )
    const latency = '{__name__="inference:request_latency_seconds:p99",pod="inference-prod-3"}'
    expect(off(await measured(world, latency), 0.18)).toBeLessThan(0.15)
    expect(
      off(await measured(world, 'max(node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes)'), 1.2e9),
    ).toBeLessThan(0.1)
  })

  it('leave residency to the service itself, which tells of 47 versions of 10 models', async () => {
    const response = await fetch(`${world.debugUrl}/debug/models/inference-prod-3`)
    const report = (await response.json()) as { max_size: number; resident: { model: string; bytes: number }[] }
    expect(report.max_size).toBe(10)
    expect(report.resident).toHaveLength(47)
    expect(new Set(report.resident.map(({ model }) => model)).size).toBeLessThanOrEqual(10)
    expect(report.resident.reduce((sum, { bytes }) => sum + bytes, 8e9)).toBe(world.facts.levelBytes)
    expect((await fetch(`${world.debugUrl}/debug/models/inference-prod-9`)).status).toBe(404)
  })
})
