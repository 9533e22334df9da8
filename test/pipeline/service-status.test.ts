import { expect, it } from '@jest/globals'
import type { Freeze } from '../../src/domain/freeze.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { createRecall } from '../../src/pipeline/recall.ts'
import { statusReader } from '../../src/pipeline/service-status.ts'
import type { Store } from '../../src/store/store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { anIncident, aRemediation, aService, NOW } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'

const HOUR_MS = 3_600_000
const services = [aService(), aService({ name: 'checkout' }), aService({ name: 'training' })]
const points = [{ name: 'gate: ci', state: 'never-asked' }] as const

const frozen: Freeze = {
  id: 'r-1',
  service: 'inference',
  scope: 'model',
  incidentId: 'pd-Q1',
  by: 'U0ANA',
  reason: 'memory climbs',
  since: NOW,
  until: NOW + HOUR_MS,
}
const incidents = [
  anIncident({ remediations: [aRemediation({ kind: 'deploy-freeze', freeze: { points } })] }),
  anIncident({ id: 'pd-Q2', service: 'checkout' }),
]

/** Two open incidents and a freeze, in a store that can be away, and a clock that is moved by hand. */
async function setting() {
  const kept = memoryStore()
  for (const incident of incidents) await commit(kept, incident)
  await kept.addFreeze(frozen)
  let away = false
  let now = NOW
  const orAway =
    <Asked extends readonly unknown[], Told>(read: (...asked: Asked) => Promise<Told>) =>
    async (...asked: Asked): Promise<Told> => {
      if (away) throw new StoreError('unavailable', 'Redis does not answer.')
      return read(...asked)
    }
  const store: Store = {
    ...kept,
    incident: orAway(kept.incident),
    openVersions: orAway(kept.openVersions),
    incidents: orAway(kept.incidents),
    activeFreezes: orAway(kept.activeFreezes),
  }
  const deps = {
    store,
    now: () => now,
    catalogue: () => ({ services, byName: () => undefined, byPagerDutyId: () => undefined }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
  }
  const recall = createRecall(deps)
  return {
    recall,
    status: statusReader(deps, recall),
    leave: () => {
      away = true
    },
    pass: (ms: number) => {
      now += ms
    },
  }
}

async function commit(store: Store, incident: Incident): Promise<void> {
  const lease = await store.acquire(`incident:${incident.id}`, 'a', HOUR_MS, NOW)
  if (lease === undefined) throw new Error('Nobody else holds it.')
  await store.commit({ incident, expectedVersion: 0, lease, consumedUpTo: 0, timeline: [], due: [] })
}

const standing = [
  { service: services[0], incidents: [incidents[0]], freezes: [{ ...frozen, terms: { points } }] },
  { service: services[1], incidents: [incidents[1]], freezes: [] },
]

it('is what the store says, with what is known of each freeze', async () => {
  const { status } = await setting()
  expect(await status(undefined)).toEqual({ services: standing })
})

it('is what the store said last while it is away, and when that was', async () => {
  const { recall, status, leave, pass } = await setting()
  await recall.look()
  leave()
  pass(40_000)
  expect(await status(undefined)).toEqual({ services: standing, rememberedAt: NOW })
  expect(await status(services[1])).toEqual({ services: [standing[1]], rememberedAt: NOW })
  expect(await status(services[2])).toEqual({
    services: [{ service: services[2], incidents: [], freezes: [] }],
    rememberedAt: NOW,
  })
})

it('stays what was read last when it cannot be read again', async () => {
  const { recall, status, leave, pass } = await setting()
  await recall.look()
  leave()
  pass(10_000)
  await expect(recall.look()).rejects.toThrow('does not answer')
  expect(await status(undefined)).toMatchObject({ rememberedAt: NOW })
})

it('does not tell of a remembered freeze whose time has come meanwhile', async () => {
  const { recall, status, leave, pass } = await setting()
  await recall.look()
  leave()
  pass(HOUR_MS)
  expect(await status(services[0])).toMatchObject({ services: [{ freezes: [] }] })
})

it('is unknown where nothing was read before the store went away', async () => {
  const { status, leave } = await setting()
  leave()
  expect(await status(undefined)).toBe('unknown')
})
