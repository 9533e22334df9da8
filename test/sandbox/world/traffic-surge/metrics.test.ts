import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { gkeAllocatableBytes } from '../../../../src/analysis/allocatable.ts'
import type { Pod } from '../../../../src/sandbox/kubernetes/workloads.ts'
import { startTrafficSurgeWorld, type TrafficSurgeWorld } from '../../../../src/sandbox/world/index.ts'
import { measured, off } from './a-surge.ts'

const GIB = 2 ** 30
const requests = 'nginx_ingress_controller_requests'
const failing = `sum(rate(${requests}{status=~"5.."}[2m])) / sum(rate(${requests}[2m]))`
const memory = 'container_memory_working_set_bytes{container="prediction"}'
const cores = 'sum by (pod) (rate(container_cpu_usage_seconds_total{container="prediction"}[2m]))'
let world: TrafficSurgeWorld

beforeAll(async () => {
  world = await startTrafficSurgeWorld({ podStopMs: 20, incidentNumber: 1 })
})
afterAll(() => world.stop())

describe('the metrics of the second incident', () => {
  it('show 25,000 requests a second where there were 12,000 a week ago, a day ago and two hours ago', async () => {
    const rate = (offset: string) => measured(world, `sum(rate(${requests}[2m] ${offset}))`)
    expect(off(await rate(''), world.facts.rps)).toBeLessThan(0.02)
    expect(off(world.facts.rps, 25_000)).toBeLessThan(0.05)
    for (const offset of ['offset 1w', 'offset 1d', 'offset 2h']) {
      expect(off(await rate(offset), 12_400)).toBeLessThan(0.06)
    }
  })

  it('show errors on nearly all requests, and on hardly any under the same load thirteen hours ago', async () => {
    expect(await measured(world, failing)).toBeGreaterThan(0.97)
    expect(off(await measured(world, `sum(rate(${requests}[5m] offset 13h))`), world.facts.rps)).toBeLessThan(0.03)
    expect(await measured(world, failing.replaceAll('[2m]', '[5m] offset 13h'))).toBeLessThan(0.001)
  })

  it('show 21 replicas wanted of at most 80 and at least 6, and 5 to 7 available for an hour', async () => {
    const autoscaler = 'kube_horizontalpodautoscaler'
    expect(await measured(world, `${autoscaler}_status_desired_replicas`)).toBe(21)
    expect(await measured(world, `${autoscaler}_spec_min_replicas`)).toBe(6)
    expect(await measured(world, `${autoscaler}_spec_max_replicas`)).toBe(80)
    const available = 'kube_deployment_status_replicas_available{deployment="prediction"}'
    expect(await measured(world, `max_over_time(${available}[1h])`)).toBeLessThanOrEqual(7)
    expect(await measured(world, `min_over_time(${available}[1h])`)).toBeGreaterThanOrEqual(5)
    expect(await measured(world, `max_over_time(${available}[16h] offset 2h)`)).toBe(21)
  })

  it('show memory up to what a node has left for a pod, and three gigabytes yesterday', async () => {
    const { ceilingBytes, allocatableBytes, capacityBytes } = world.facts
    expect(off(await measured(world, `max(max_over_time(${memory}[1h]))`), ceilingBytes)).toBeLessThan(0.01)
    expect(off(await measured(world, `avg(${memory} offset 12h)`), 3 * GIB)).toBeLessThan(0.02)
    expect(off(allocatableBytes, 5.3 * GIB)).toBeLessThan(0.01)
    expect(off(capacityBytes, 7 * GIB)).toBeLessThan(0.01)
    expect(off(allocatableBytes, gkeAllocatableBytes(capacityBytes))).toBeLessThan(0.001)
    expect(await measured(world, 'max(kube_node_status_allocatable)')).toBe(allocatableBytes)
  })

  it('show 350 % of CPU where replicas die, and 400 % where they lived', async () => {
    expect(off(await measured(world, `quantile(0.5, max_over_time((${cores})[1h:1m]))`), 3.5)).toBeLessThan(0.05)
    const yesterday = `max(max_over_time((${cores.replace('[2m]', '[2m] offset 4h')})[20h:10m]))`
    expect(off(await measured(world, yesterday), 4)).toBeLessThan(0.05)
  })

  it('count the same deaths as Kubernetes does, which shows the dead as dead', async () => {
    // Objects of kind Pod have passed the decoder for pods.
    const pods = world.kubernetes.list('Pod', 'reco') as readonly Pod[]
    const statuses = pods.flatMap(({ status }) => status.containerStatuses ?? [])
    expect(statuses).toHaveLength(21)
    expect(statuses.filter(({ ready }) => ready)).toHaveLength(world.facts.up)
    for (const { ready, state, lastState } of statuses) {
      expect(lastState.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
      expect(state.terminated?.reason).toBe(ready ? undefined : 'OOMKilled')
    }
    const restarts = statuses.reduce((sum, one) => sum + one.restartCount + (one.ready ? 0 : 1), 0)
    expect(await measured(world, 'sum(kube_pod_container_status_restarts_total)')).toBe(restarts)
  })
})
