import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { AlertFacts } from '../../src/domain/alert.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import type { Store } from '../../src/store/store.ts'
import { anAlert } from '../alertmanager/builders.ts'
import { aService, aWebhook } from '../builders.ts'
import { until, type World, type WorldOptions, world } from '../fakes/world.ts'
import { temporaryDirectory } from '../store/sqlite/temporary-store.ts'

const WINDOW_MS = 10 * 60_000

let store: Store
let remove: () => void
let running: World | undefined
beforeEach(async () => {
  const temporary = temporaryDirectory()
  remove = temporary.remove
  store = await openSqliteStore({ path: `${temporary.directory}/incbot.db`, ownerId: 'test' })
})
afterEach(async () => {
  await running?.stop()
  await store.close()
  remove()
})

function aWorld(options: WorldOptions = {}): World {
  running = world({ store, groupWithinMs: WINDOW_MS, ...options })
  return running
}

const alert = (id: string, change: Partial<AlertFacts> = {}): AlertFacts =>
  anAlert({ fingerprint: id, title: `alert ${id}`, at: Date.now(), startsAt: Date.now(), ...change })
const all = async () => store.incidents({ limit: 1_000 })
/** How many incidents there are once every event was applied. */
const drained = async () => {
  await until('drained', async () => (await store.depth(Date.now())).inbox === 0, 20_000)
  return (await all()).length
}

describe('alerts that come within the window', () => {
  it('are one incident with one investigation, whichever way they came', async () => {
    const { commands, views } = aWorld()
    expect(await commands.alerts([alert('a'), alert('b')])).toEqual({ stored: 2, duplicates: 0, incidents: 1 })
    expect(await commands.pagerDuty(freshPage('Q1'))).toBe('stored')
    expect(await drained()).toBe(1)
    const [incident] = await all()
    expect(incident).toMatchObject({ joined: { count: 2 }, pagerduty: { incidentId: 'Q1' } })
    expect(incident?.investigations).toHaveLength(1)
    await until('projected', () => views.at(-1)?.incident.joined?.count === 2)
  })

  it('are duplicates when they are repeated, and one that is over may fire again as the same', async () => {
    const { commands } = aWorld()
    const firing = alert('a')
    const over: AlertFacts = { ...firing, status: 'resolved' }
    const outcomes: number[] = []
    for (const one of [firing, firing, over, over, firing]) outcomes.push((await commands.alerts([one])).stored)
    expect(outcomes).toEqual([1, 0, 1, 0, 1])
    expect(await drained()).toBe(1)
    expect((await all())[0]).toMatchObject({ status: 'triggered' })
  })

  it('are led by one of high urgency', async () => {
    const { commands } = aWorld()
    await commands.alerts([alert('a', { urgency: 'low' }), alert('b'), alert('c')])
    expect(await drained()).toBe(1)
    expect((await all())[0]).toMatchObject({ title: 'alert b', urgency: 'high', joined: { count: 2 } })
  })

  it('are apart when another runbook is meant, or when it cannot be told which', async () => {
    const labels = { match: { services: ['inference'], labels: { kind: 'memory' } } }
    const { commands } = aWorld({ runbook: labels })
    const memory = (id: string) => alert(id, { details: { kind: 'memory' } })
    await commands.alerts([memory('a'), memory('b'), alert('c'), alert('d')])
    expect(await drained()).toBe(2)
    // PagerDuty does not say labels by itself: each stays alone.
    await commands.pagerDuty(freshPage('Q1'))
    await commands.pagerDuty(freshPage('Q2'))
    expect(await drained()).toBe(4)
  })

  it('are one incident also where the catalogue does not know the service, and it says so', async () => {
    const { commands } = aWorld()
    const unknown = { serviceName: 'search', service: undefined } as unknown as Partial<AlertFacts>
    await commands.alerts(['a', 'b', 'c'].map((id) => alert(id, unknown)))
    expect(await drained()).toBe(1)
    await until('told', async () => (await all())[0]?.investigations[0]?.nothing !== undefined)
    const [incident] = await all()
    expect(incident?.investigations[0]?.nothing).toBe(
      '“search” is not in the service catalogue. Add it under `services` in incbot.yaml, with the labels of its alerts as `alerts`.',
    )
  })

  it('never join what a person asked for, nor does that join them', async () => {
    const { commands } = aWorld()
    await commands.diagnose(aService(), { workspace: 'T1', user: 'U1' }, 'C1', 'k1')
    await commands.alerts([alert('a'), alert('b')])
    await commands.diagnose(aService(), { workspace: 'T1', user: 'U1' }, 'C1', 'k2')
    expect(await drained()).toBe(3)
  })

  it('begin another incident after the window, and after the first is over', async () => {
    const { commands, pass } = aWorld()
    const first = alert('a')
    await commands.alerts([first])
    expect(await drained()).toBe(1)
    await commands.alerts([{ ...first, status: 'resolved' }])
    await until('over', async () => (await all())[0]?.status === 'resolved')
    await commands.alerts([alert('b')])
    expect(await drained()).toBe(2)
    await pass(WINDOW_MS)
    await commands.alerts([alert('c')])
    expect(await drained()).toBe(3)
    expect((await all()).map(({ joined }) => joined)).toEqual([undefined, undefined, undefined])
  })

  it('are each an incident of their own where grouping is off', async () => {
    const { commands } = aWorld({ groupWithinMs: 0 })
    await commands.alerts([alert('a'), alert('b')])
    expect(await drained()).toBe(2)
  })

  it('are found in the leader by whoever goes on after a crash', async () => {
    const first = aWorld({ check: () => new Promise(() => {}) })
    const [a, b] = [alert('a'), alert('b')]
    await first.commands.alerts([a, b])
    await first.stop()
    const second = aWorld({ owner: 'b', now: Date.now() + 20_000 })
    await second.pass(0)
    await second.commands.alerts([
      { ...b, status: 'resolved' },
      { ...a, status: 'resolved' },
    ])
    await until('over', async () => (await all())[0]?.status === 'resolved')
    expect(await all()).toHaveLength(1)
  })
})

describe('a storm over several services', () => {
  it('is one incident for each service, in which every alert is accounted for', async () => {
    const services = ['service-1', 'service-2', 'service-3']
    const { commands } = aWorld({ services })
    const storm = services.map((service) =>
      Array.from({ length: 120 }, (_, index) =>
        alert(`${service.slice(8)}x${index}`, { service, serviceName: service }),
      ),
    )
    const receipts = await Promise.all([...storm, ...storm].map((one) => commands.alerts(one)))
    expect(receipts.map(({ stored, duplicates, incidents }) => [stored, duplicates, incidents])).toEqual([
      ...services.map(() => [120, 0, 1]),
      ...services.map(() => [0, 120, 1]),
    ])
    expect(await drained()).toBe(3)
    expect((await all()).map(({ joined }) => joined?.count)).toEqual([119, 119, 119])
  })
})

/** A webhook of an incident that was opened just now. */
function freshPage(id: string) {
  const now = new Date().toISOString()
  return aWebhook({ eventId: `E-${id}`, occurredAt: now, incident: { id, createdAt: now } })
}

describe('what monitors say of many incidents at once', () => {
  /** A store whose changes of incidents take until they are let through. */
  function slowStore() {
    const held: (() => void)[] = []
    const slow: Store = {
      ...store,
      async commit(change) {
        await new Promise<void>((resolve) => held.push(resolve))
        return store.commit(change)
      },
    }
    return { slow, held }
  }

  it('is applied a few at a time, and what people do is not kept waiting', async () => {
    const { slow, held } = slowStore()
    const names = Array.from({ length: 7 }, (_, index) => `service-${index}`)
    const { commands } = aWorld({ store: slow, services: names })
    await commands.alerts(names.map((serviceName) => alert(serviceName, { service: serviceName, serviceName })))
    await until('some are being applied', () => held.length === 4)
    await commands.diagnose(aService(), { workspace: 'T1', user: 'U0ANA' }, 'C1', 'key')
    await until('the report is being made beside them', () => held.length === 5)
    const timer = setInterval(() => {
      for (const letThrough of held.splice(0)) letThrough()
    }, 1)
    try {
      expect(await drained()).toBe(8)
    } finally {
      clearInterval(timer)
    }
  })
})
