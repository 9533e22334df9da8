import { describe, expect, it } from '@jest/globals'
import type { ModelServingWorld } from '../../../src/sandbox/world/index.ts'
import { until } from '../../fakes/world.ts'
import { measured, withGate, withWorld } from './running-world.ts'

const memory = 'container_memory_working_set_bytes{pod="inference-prod-3"}'

/** As the bot's two accounts do it; 200 and 403 are both answers. */
function patchRestart(world: ModelServingWorld, token: string): Promise<Response> {
  const stamp = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  return fetch(`${world.kubernetes.url}/apis/apps/v1/namespaces/ml/statefulsets/inference-prod`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ spec: { template: { metadata: { annotations: stamp } } } }),
  })
}

describe('what one does in the world of the first incident', () => {
  it('frees the memory by a restart, pod after pod from the highest number', async () => {
    await withWorld({}, async (world) => {
      const started: string[] = []
      world.on((event) => event.type === 'started' && started.push(event.pod))
      expect((await patchRestart(world, 'sandbox-read-token')).status).toBe(403)
      expect((await patchRestart(world, 'sandbox-write-token')).status).toBe(200)
      await until('four new pods', () => started.length === 4)
      expect(started).toEqual(['inference-prod-3', 'inference-prod-2', 'inference-prod-1', 'inference-prod-0'])
      await until('metrics of the new pods', async () => (await measured(world, `max(${memory})`)) < 8.2e9)
      expect(world.facts.residentVersions).toBe(0)
      expect(world.facts.processStartedAt).toBeGreaterThan(Date.now() - 5_000)
    })
  })

  it('grows by a version’s weights with each deploy that the gate lets through', async () => {
    await withGate(200, { frozen: false }, (gate) =>
      withWorld({ gate: { url: gate.url, token: 'secret' } }, async (world) => {
        const before = world.facts
        const attempt = await world.registry.deploy('intent')
        expect(attempt).toMatchObject({ model: 'intent', result: 'deployed', gate: 'free' })
        expect(gate.asked).toEqual(['GET /v1/freezes/inference?scope=model&deploy=intent+v128 Bearer secret'])
        expect(world.facts.levelBytes - before.levelBytes).toBeGreaterThan(475e6)
        expect(world.facts.residentVersions).toBe(48)
        expect(world.log.at(-1)).toContain('Evicted model')
      }),
    )
  })

  it('stays as it is while the gate refuses deploys, also those that come by themselves', async () => {
    await withGate(423, { frozen: true, message: 'Model deploys of inference are frozen.' }, (gate) =>
      withWorld({ gate: { url: gate.url, token: 't' }, deployEveryMs: 60 }, async (world) => {
        const { levelBytes } = world.facts
        await until('three refusals', () => world.registry.attempts.length >= 3)
        expect(world.registry.attempts.map(({ result }) => result)).not.toContain('deployed')
        expect(world.registry.attempts[0]).toMatchObject({
          gate: 'frozen',
          reason: 'Model deploys of inference are frozen.',
        })
        expect(world.facts.levelBytes).toBe(levelBytes)
      }),
    )
  })

  it.each([
    ['does not answer', 'http://127.0.0.1:1'],
    ['does not exist', undefined],
  ])('deploys when the gate %s, and says so', async (_, url) => {
    await withWorld(url === undefined ? {} : { gate: { url, token: 't' } }, async (world) => {
      const attempt = await world.registry.deploy()
      expect(attempt).toMatchObject({ result: 'deployed', gate: url === undefined ? 'not-asked' : 'unanswered' })
    })
  })

  it('runs out of memory two deploys later, and begins anew', async () => {
    await withWorld({}, async (world) => {
      const events: string[] = []
      world.on((event) => event.type !== 'deploy' && events.push(`${event.type} ${event.pod}`))
      await world.registry.deploy()
      expect(events).toEqual([])
      await world.registry.deploy()
      expect(events).toEqual(['out-of-memory inference-prod-3'])
      await until('the new process', () => events.includes('started inference-prod-3'))
      const pod = world.kubernetes.get('Pod', 'ml', 'inference-prod-3')
      expect(pod?.status).toMatchObject({
        containerStatuses: [{ restartCount: 45, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }],
      })
      expect(world.facts.pod).toBe('inference-prod-2')
    })
  })
})
