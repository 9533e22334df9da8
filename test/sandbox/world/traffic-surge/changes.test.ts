import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { missingToServe, readEnvironment } from '../../../../src/config/environment.ts'
import { loadConfig } from '../../../../src/config/load-config.ts'
import { dataSourceKinds } from '../../../../src/datasources/index.ts'
import { remediationKinds } from '../../../../src/remediations/index.ts'
import type { Pod } from '../../../../src/sandbox/kubernetes/workloads.ts'
import type { TrafficSurgeWorld } from '../../../../src/sandbox/world/index.ts'
import { until } from '../../../fakes/world.ts'
import { measured, off, withSurge } from './a-surge.ts'

/** Pods of a deployment whose container is ready. */
function readyPods({ kubernetes }: TrafficSurgeWorld, app: string): number {
  // Objects of kind Pod have passed the decoder for pods.
  const pods = kubernetes.list('Pod', 'reco') as readonly Pod[]
  return pods.filter(({ metadata, status }) => metadata.labels?.app === app && status.containerStatuses?.[0]?.ready)
    .length
}

describe('what one does in the world of the second incident', () => {
  it('goes on dying and starting in Kubernetes as in the metrics, for as long as one looks on', async () => {
    await withSurge(async (world) => {
      const died = new Set<string>()
      const sizes = new Set<number>()
      world.on((event) => {
        if (event.type === 'out-of-memory') died.add(event.pod)
        sizes.add(world.facts.up)
      })
      world.run(120)
      await until('the death of every pod', () => died.size === 21, 15_000)
      expect(Math.max(...sizes)).toBeLessThan(10)
      world.run(1)
      await until('Kubernetes to agree', () => readyPods(world, 'prediction') === world.facts.up)
      expect(world.facts.errorShare).toBeGreaterThan(0.9)
    })
  }, 30_000)

  it('brings up replicas out of rotation on nodes of their own, which get nothing until traffic is shifted', async () => {
    await withSurge(async (world) => {
      world.run(60)
      world.addOutOfRotation(27)
      await until('27 of them', () => readyPods(world, 'prediction-spare') === 27, 15_000)
      expect(world.ready).toBe(27)
      expect(world.facts.errorShare).toBeGreaterThan(0.9)
      world.shift(1)
      await until('answers', () => world.facts.errorShare < 0.001, 15_000)
      const cpu = 'container_cpu_usage_seconds_total{pod=~"prediction-spare-.+"}'
      await until('their metrics', async () => (await measured(world, `count(${cpu}) or vector(0)`)) === 27, 15_000)
    })
  }, 40_000)

  it('is stuck when the traffic goes back to that of the night, and comes free when most of it is shed', async () => {
    await withSurge(async (world) => {
      world.run(120)
      world.offer(12_000)
      await until(
        'that traffic in the metrics',
        async () => {
          const rate = 'sum(rate(nginx_ingress_controller_requests[2m]))'
          return off(await measured(world, rate), 12_000) < 0.02
        },
        10_000,
      )
      expect(world.facts.errorShare).toBeGreaterThan(0.9)
      world.shed(world.facts.up * world.facts.plannedPerReplica)
      await until('the whole fleet', () => world.facts.up === 21, 15_000)
      world.shed(12_000)
      await until('twelve thousand again', () => off(world.facts.rps, 12_000) < 0.02)
      expect(world.facts.errorShare).toBeLessThan(0.001)
    })
  }, 40_000)

  it('survives a rolling restart unchanged: the new pods wait in the same line and die as the old ones', async () => {
    await withSurge(async (world) => {
      world.run(120)
      const response = await fetch(`${world.kubernetes.url}/apis/apps/v1/namespaces/reco/deployments/prediction`, {
        method: 'PATCH',
        headers: {
          authorization: 'Bearer sandbox-write-token',
          'content-type': 'application/strategic-merge-patch+json',
        },
        body: JSON.stringify({
          spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
        }),
      })
      expect(response.status).toBe(200)
      // Objects of kind Deployment have such a status.
      const status = () =>
        world.kubernetes.get('Deployment', 'reco', 'prediction')?.status as {
          readonly updatedReplicas?: number
          readonly replicas?: number
        }
      await until('new pods only', () => status().updatedReplicas === 21 && status().replicas === 21, 30_000)
      const deaths = new Set<string>()
      world.on((event) => event.type === 'out-of-memory' && deaths.add(event.pod))
      await until('the death of five of them', () => deaths.size >= 5, 10_000)
      expect(world.facts.up).toBeLessThan(10)
    })
  }, 60_000)

  it('gives a bot files that it accepts, and sends the page of the incident', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'incbot-surge-'))
    await withSurge(
      async (world) => {
        const { env, url } = await world.writeBotFiles(directory)
        const file = env.INCBOT_CONFIG ?? ''
        const loaded = loadConfig(file, readFileSync(file, 'utf8'), {
          dataSources: dataSourceKinds,
          remediations: remediationKinds,
        })
        expect(loaded).toMatchObject({ ok: true, config: { services: [{ name: 'prediction', units: 'binary' }] } })
        const reading = readEnvironment(env, (path) => readFileSync(path, 'utf8'))
        expect(reading.ok && missingToServe(reading.environment)).toEqual([])
        expect(world.slack.requestUrl).toBe(`${url}/slack/events`)
        expect(world.trigger()).toMatchObject({ number: 5310, title: 'prediction 5xx 100 %' })
      },
      { incidentNumber: 5310 },
    )
    rmSync(directory, { recursive: true })
  })
})
