import { expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import { relatedTo } from '../../src/pipeline/related.ts'
import { anAlert } from '../alertmanager/builders.ts'
import { anIncident, aService, NOW } from '../builders.ts'
import { aCommit } from '../contract/records.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until, world } from '../fakes/world.ts'

const workload = { cluster: 'prod', namespace: 'ml', kind: 'Deployment', name: 'x' } as const
const CATALOGUE = createCatalogue([
  aService({ name: 'inference', workloads: [workload] }),
  aService({ name: 'neighbour', workloads: [{ ...workload, name: 'y' }], pagerdutyServiceIds: [] }),
  aService({ name: 'elsewhere', workloads: [{ ...workload, cluster: 'test' }], pagerdutyServiceIds: [] }),
])
const ASKING = anIncident({ id: 'pd-me' })

async function related(...incidents: readonly Partial<Incident>[]): Promise<readonly string[]> {
  const store = memoryStore()
  for (const [index, change] of [ASKING, ...incidents].entries()) {
    const incident = anIncident({ id: `pd-${index}`, ...change })
    const lease = await store.acquire(`incident:${incident.id}`, 'a', 1_000, NOW)
    if (lease) await store.commit(aCommit(lease, { incident }))
  }
  return (await relatedTo({ store, catalogue: () => CATALOGUE }, ASKING)).map(({ id }) => id)
}

it.each([
  ['of the same service', {}, true],
  ['of a service in the same namespace', { service: 'neighbour' }, true],
  ['that began an hour before', { openedAt: NOW - 3_600_000 }, true],
  ['that began long before', { openedAt: NOW - 3_600_001 }, false],
  ['of a service elsewhere', { service: 'elsewhere' }, false],
  ['that is over', { status: 'resolved' }, false],
  ['that was only recorded', { live: false }, false],
  ['that somebody asked for', { origin: 'command' }, false],
] as const)('an incident %s', async (_what, change, isRelated) => {
  expect(await related({ id: 'pd-other', ...change })).toEqual(isRelated ? ['pd-other'] : [])
})

it('a handful are named, the oldest first', async () => {
  const many = [3, 1, 2, 0].flatMap((minutes) => [
    { id: `pd-a${minutes}`, openedAt: NOW + minutes * 60_000 },
    { id: `pd-b${minutes}`, service: 'neighbour', openedAt: NOW + minutes * 60_000 + 1 },
  ])
  expect(await related(...many)).toEqual(['pd-b0', 'pd-a1', 'pd-b1', 'pd-a2', 'pd-b2'])
})

it('they are found when an incident is diagnosed, and kept in its record', async () => {
  const { commands, store, stop } = world()
  const at = Date.now()
  await commands.alerts([anAlert({ fingerprint: 'a', at, startsAt: at, url: 'http://prometheus.example/graph' })])
  await until(
    'the first',
    async () => (await store.incidents({ limit: 1 }))[0]?.investigations[0]?.state === 'finished',
  )
  await commands.alerts([anAlert({ fingerprint: 'b', at: at + 1, startsAt: at + 1 })])
  await until(
    'the second',
    async () => (await store.incidents({ limit: 1 }))[0]?.investigations[0]?.related !== undefined,
  )
  const [second, first] = await store.incidents({ limit: 2 })
  expect(second?.investigations[0]?.related).toEqual([
    { id: first?.id, title: anAlert().title, service: 'inference', since: at, url: 'http://prometheus.example/graph' },
  ])
  expect(first?.investigations[0]?.related).toBeUndefined()
  await stop()
})
