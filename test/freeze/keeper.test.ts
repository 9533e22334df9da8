import { afterEach, describe, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../src/domain/event.ts'
import { createFreezeKeeper, type FreezeKeeper, type FreezeKeeperOptions } from '../../src/freeze/keeper.ts'
import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import { aService } from '../builders.ts'
import { aFreeze, NOW } from '../contract/records.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until } from '../fakes/world.ts'
import { aGuard, hanging } from './guards.ts'

const keepers: FreezeKeeper[] = []
afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()))
})

const inCluster = (name: string, cluster: string) =>
  aService({ name, workloads: [{ cluster, namespace: 'ml', kind: 'StatefulSet', name }] })

function aKeeper(change: Partial<FreezeKeeperOptions> = {}) {
  const clock = { at: NOW }
  const store = memoryStore()
  const log = aLog()
  const prod = aGuard('prod')
  const edge = aGuard('edge')
  const told: { readonly incident: string; readonly event: IncidentEvent; readonly keys: readonly string[] }[] = []
  const keeper = createFreezeKeeper({
    store,
    catalogue: () => createCatalogue([inCluster('inference', 'prod'), inCluster('checkout', 'edge')]),
    guards: [prod.guard, edge.guard],
    askedOf: { last: (holder) => (holder === 'ci' ? NOW - 60_000 : undefined), load: async () => undefined },
    gateTokens: ['ci', 'registry'],
    report: async (incident, event, keys) => void told.push({ incident, event, keys }),
    now: () => clock.at,
    log,
    every: { ms: 60_000, afterFailureMs: 20, deadlineMs: 50 },
    ...change,
  })
  keepers.push(keeper)
  return { keeper, store, log, prod, edge, told, clock }
}

const states = (
  { event }: { readonly event: IncidentEvent } | undefined = { event: { type: 'merged-from', incidentId: '' } },
) => (event.type === 'enforcement-surveyed' ? event.points.map(({ name, state }) => `${name} ${state}`) : [])

describe('the keeper of freezes', () => {
  it('tells each guard what it guards and lifts the rest, also what a crash left behind', async () => {
    const { keeper, store, prod, edge } = aKeeper()
    await store.addFreeze(aFreeze({ scope: 'workload' }))
    await store.addFreeze(aFreeze({ id: 'models', scope: 'model', service: 'checkout' }))
    keeper.start()
    await until('both were told', () => prod.enforced.length === 1 && edge.enforced.length === 1)
    expect([prod.enforced, edge.enforced]).toEqual([[['freeze-1']], [[]]])
    await store.liftFreeze('freeze-1', 'U1', NOW)
    keeper.wake()
    await until('it was lifted', () => prod.enforced.length === 2)
    expect(prod.enforced[1]).toEqual([])
  })

  it('looks again at once when another replica changed a freeze while it told the guards what held before', async () => {
    const { keeper, store, prod } = aKeeper()
    await store.addFreeze(aFreeze({ scope: 'workload' }))
    let lifted = false
    prod.enforcing(async () => {
      if (lifted) return
      lifted = true
      await store.liftFreeze('freeze-1', 'U1', NOW)
    })
    keeper.start()
    await until('what it told was made good', () => prod.enforced.length === 2)
    expect(prod.enforced).toEqual([['freeze-1'], []])
  })

  it('tells the incident where its freeze is enforced, once while nothing changes', async () => {
    const { keeper, store, told, prod, clock } = aKeeper()
    await store.addFreeze(aFreeze({ scope: 'all', until: NOW + 9 * 3_600_000 }))
    keeper.start()
    await until('it was told', () => told.length === 1)
    expect(told[0]).toMatchObject({
      incident: 'pd-Q1',
      event: {
        type: 'enforcement-surveyed',
        freezeId: 'freeze-1',
        points: [
          { name: 'guard of prod', state: 'proved', at: NOW },
          { name: 'gate: ci', state: 'asked', at: NOW - 60_000 },
          { name: 'gate: registry', state: 'never-asked' },
        ],
      },
    })
    keeper.wake()
    await until('it looked again', () => prod.enforced.length === 2)
    clock.at += 301_000
    keeper.wake()
    await until('a newer proof was told', () => told.length === 2)
    expect(told[0]?.keys).not.toEqual(told[1]?.keys)
    expect(states(told[1])).toEqual(states(told[0]))
  })

  it('tells when a guard begins to let deploys through, and when it holds again', async () => {
    const { keeper, store, told, prod, clock, log } = aKeeper()
    await store.addFreeze(aFreeze({ scope: 'workload', until: NOW + 9 * 3_600_000 }))
    keeper.start()
    await until('it was told', () => told.length === 1)
    prod.answers(async () => ({ state: 'open', text: 'The policy is gone.' }))
    clock.at += 300_000
    keeper.wake()
    await until('it was told again', () => told.length === 2)
    expect(states(told[1])[0]).toBe('guard of prod open')
    // By itself, as that is a failure.
    prod.answers(async () => ({ state: 'proved' }))
    await until('it was told a third time', () => told.length === 3)
    expect(states(told[2])[0]).toBe('guard of prod proved')
    expect(log.messages()).toEqual(['A freeze may not be enforced', 'Freezes are enforced again'])
  })

  it.each<[string, (guard: ReturnType<typeof aGuard>) => void]>([
    ['hangs', ({ enforcing }) => enforcing(hanging)],
    ['hangs in a probe', ({ answers }) => answers(hanging)],
    ['fails', ({ enforcing }) => enforcing(() => Promise.reject(new Error('no')))],
  ])('is not held up by a guard that %s', async (_what, breaks) => {
    const { keeper, store, prod, edge, told } = aKeeper()
    breaks(prod)
    prod.answers(hanging)
    await store.addFreeze(aFreeze({ scope: 'workload' }))
    await store.addFreeze(aFreeze({ id: 'freeze-2', incidentId: 'pd-Q2', scope: 'workload', service: 'checkout' }))
    keeper.start()
    await until('both incidents were told', () => told.length >= 2)
    expect(edge.enforced[0]).toEqual(['freeze-2'])
    const byIncident = new Map(told.map((one) => [one.incident, states(one)[0]]))
    expect([byIncident.get('pd-Q1'), byIncident.get('pd-Q2')]).toEqual([
      'guard of prod unknown',
      'guard of edge proved',
    ])
  })

  it('runs once at a time, and once more after any number of wake-ups meanwhile', async () => {
    const { keeper, prod, edge } = aKeeper()
    let end = (): void => undefined
    prod.enforcing(
      () =>
        new Promise((resolve) => {
          end = resolve
        }),
    )
    keeper.start()
    keeper.start()
    await until('it runs', () => edge.enforced.length === 1)
    for (let turn = 0; turn < 5; turn++) keeper.wake()
    prod.enforcing(async () => undefined)
    end()
    await until('it ran once more', () => edge.enforced.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(edge.enforced).toHaveLength(2)
  })

  it.each([
    ['cannot be read', { store: { activeFreezes: () => Promise.reject(new Error('locked')) } }],
    ['is not read in time', { store: { activeFreezes: hanging } }],
  ])('leaves everything as it is while the store %s, and tries again', async (_what, change) => {
    let asked = 0
    const activeFreezes = () => {
      asked += 1
      return change.store.activeFreezes()
    }
    const { keeper, prod, log } = aKeeper({ store: { activeFreezes } })
    keeper.start()
    await until('it tried again', () => asked > 1)
    expect(prod.enforced).toEqual([])
    expect(log.messages('error')[0]).toBe('Freezes could not be read, so what guards enforce stays as it is')
  })

  it('tells again what could not be told', async () => {
    const told: unknown[] = []
    let attempts = 0
    const { keeper, store } = aKeeper({
      report: async (_incident, event) => {
        attempts += 1
        if (attempts === 1) throw new Error('locked')
        told.push(event)
      },
    })
    await store.addFreeze(aFreeze())
    keeper.start()
    await until('it was told', () => told.length === 1)
    expect(attempts).toBe(2)
  })

  it('lifts a freeze when it ends, and not a minute later', async () => {
    const { keeper, store, prod, clock } = aKeeper({ now: () => clockNow() })
    const began = performance.now()
    const clockNow = () => NOW + performance.now() - began
    expect(clock.at).toBe(NOW)
    await store.addFreeze(aFreeze({ scope: 'all', until: NOW + 80 }))
    keeper.start()
    await until('it was enforced', () => prod.enforced.length >= 1)
    await until('it was lifted', () => prod.enforced.at(-1)?.length === 0)
    expect(prod.enforced[0]).toEqual(['freeze-1'])
  })

  it('does nothing more once it is stopped', async () => {
    const { keeper, prod } = aKeeper()
    keeper.wake()
    expect(prod.enforced).toEqual([])
    keeper.start()
    await keeper.stop()
    const before = prod.enforced.length
    keeper.wake()
    keeper.start()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect([before, prod.enforced.length]).toEqual([1, 1])
  })
})
