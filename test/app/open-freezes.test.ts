import { expect, it, jest } from '@jest/globals'
import { openFreezes } from '../../src/app/open-freezes.ts'
import type { IncidentEvent } from '../../src/domain/event.ts'
import { createCatalogue } from '../../src/pipeline/catalogue.ts'
import { aService, NOW } from '../builders.ts'
import { aFreeze } from '../contract/records.ts'
import { aLog } from '../fakes/log.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until } from '../fakes/world.ts'
import { aGuard } from '../freeze/guards.ts'

it('what holds a freeze works together, and goes on after a restart', async () => {
  const store = memoryStore()
  const service = aService()
  const told: IncidentEvent[] = []
  const { guard, enforced } = aGuard('prod')
  await store.addFreeze(aFreeze({ scope: 'all', since: NOW, until: NOW + 3_600_000 }))
  const open = () =>
    openFreezes(
      {
        config: {
          services: [service],
          slack: { command: '/inc', fallbackChannel: 'C0FALLBACK' },
          gate: { tokens: [{ name: 'ci', tokenEnv: 'CI_TOKEN' }], staleForMs: 300_000 },
        },
        secrets: new Map([['CI_TOKEN', 'secret']]),
        store,
        catalogue: () => createCatalogue([service]),
        guards: [guard],
        report: async (_incident, event) => void told.push(event),
      },
      { log: aLog(), metrics: { gateQuestion() {} }, now: () => NOW + 60_000 },
    )
  const surveys = () => told.flatMap((event) => (event.type === 'enforcement-surveyed' ? [event.points] : []))

  const before = open()
  await before.start()
  await until('the freeze was surveyed', () => surveys().length === 1)
  const question = { service: 'inference', query: { deploy: ['v129'] }, authorization: 'Bearer secret' }
  expect((await before.gate(question)).status).toBe(423)
  const refused = () => told.filter(({ type }) => type === 'deploy-blocked')
  const deploy = { at: NOW + 60_000, holder: 'ci', deploy: 'v129' }
  await until('the refused deploy was told', () => refused().length === 1)
  expect(refused()).toEqual([{ type: 'deploy-blocked', freezeId: 'freeze-1', deploy }])
  // By itself, since somebody asked who never had.
  await until('it was surveyed again', () => surveys().length === 2)
  await before.stop(1_000)

  const after = open()
  await after.start()
  await until('it was surveyed by the next one', () => surveys().length === 3)
  expect(surveys().map((points) => points.map(({ name, state }) => `${name} ${state}`))).toEqual([
    ['guard of prod proved', 'gate: ci never-asked'],
    ['guard of prod proved', 'gate: ci asked'],
    ['guard of prod proved', 'gate: ci asked'],
  ])
  const { length } = enforced
  after.changed()
  await until('it looked again', () => enforced.length === length + 1)
  await after.stop(1_000)
})

it('a freeze of another replica is known to the gate also when the store goes away soon after', async () => {
  jest.useFakeTimers({ now: NOW })
  const store = memoryStore()
  const service = aService()
  let isAway = false
  const activeFreezes: typeof store.activeFreezes = (...asked) =>
    isAway ? Promise.reject(new Error('out of reach')) : store.activeFreezes(...asked)
  const freezes = openFreezes(
    {
      config: {
        services: [service],
        slack: { command: '/inc', fallbackChannel: 'C0FALLBACK' },
        gate: { tokens: [{ name: 'ci', tokenEnv: 'CI_TOKEN' }], staleForMs: 300_000 },
      },
      secrets: new Map([['CI_TOKEN', 'secret']]),
      store: { ...store, activeFreezes },
      catalogue: () => createCatalogue([service]),
      guards: [],
      report: async () => undefined,
    },
    { log: aLog(), metrics: { gateQuestion() {} }, now: Date.now },
  )
  try {
    await freezes.start()
    await store.addFreeze(aFreeze({ scope: 'all', since: NOW, until: NOW + 3_600_000 }))
    await jest.advanceTimersByTimeAsync(5_000)
    isAway = true
    const answer = await freezes.gate({ service: 'inference', query: {}, authorization: 'Bearer secret' })
    expect(answer).toMatchObject({ status: 423, body: { stale: true } })
  } finally {
    jest.useRealTimers()
    await freezes.stop(1_000)
  }
})
