import { afterEach, describe, expect, it } from '@jest/globals'
import type { Incident } from '../../src/domain/incident.ts'
import { aWebhook } from '../builders.ts'
import type { World, WorldOptions } from '../fakes/world.ts'
import { PROBLEM, until, world } from '../fakes/world.ts'

const ANA = { workspace: 'T1', user: 'U0ANA' }
const open: World[] = []

function start(options: WorldOptions = {}): World {
  const one = world(options)
  open.push(one)
  return one
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

const webhook = (change: Parameters<typeof aWebhook>[0] = {}) =>
  aWebhook({ occurredAt: new Date().toISOString(), incident: { createdAt: new Date().toISOString() }, ...change })

async function incidentOf(one: World): Promise<Incident> {
  const stored = await one.store.incident('pd-Q1')
  if (stored === undefined) throw new Error('there is no incident')
  return stored.value
}

async function diagnosed(one: World): Promise<Incident> {
  await one.commands.pagerDuty(webhook())
  await until(
    'a diagnosis',
    async () => (await one.store.incident('pd-Q1'))?.value.investigations[0]?.state === 'finished',
  )
  return incidentOf(one)
}

async function press(one: World, incident: Incident, key = 'k1'): Promise<void> {
  await one.commands.click(incident.id, incident.remediations[0]?.id ?? '', ANA, 'C0ML', key)
}

const stateOf = async (one: World) => (await incidentOf(one)).remediations[0]?.state

describe('the alert path', () => {
  it('goes from a webhook to a diagnosis with an offer, and settles what was due', async () => {
    const one = start()
    const incident = await diagnosed(one)
    expect(incident.investigations[0]?.diagnosis?.conclusion).toBe('Memory leaks')
    expect(incident.remediations).toMatchObject([{ kind: 'rolling-restart', state: 'proposed', hypothesis: 'leak' }])
    await until('the last projection', () => one.views.at(-1)?.incident.investigations[0]?.state === 'finished')
    await until('nothing due', async () => (await one.store.due(Date.now(), 10)).length === 0)
    expect(one.errors).toEqual([])
  })

  it('projects the placeholder before any check has answered', async () => {
    const one = start({
      check: (signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    })
    await one.commands.pagerDuty(webhook())
    await until('the placeholder', () => one.views.some((view) => view.incident.investigations[0]?.checks === 1))
  })

  it('shows checks that end one after the other together', async () => {
    let begun = 0
    const one = start({
      check: async () => {
        begun += 1
        await new Promise((resolve) => setTimeout(resolve, begun * 20))
        return PROBLEM
      },
      runbook: {
        checks: ['a', 'b', 'c', 'd', 'e'].map((id) => ({
          id,
          check: 'memory-trend',
          parameters: { id },
          timeoutMs: 5_000,
        })),
      },
    })
    await diagnosed(one)
    await until('the diagnosis', () => one.views.at(-1)?.incident.investigations[0]?.state === 'finished')
    expect(one.views.filter(({ progress }) => (progress?.done ?? 0) > 0).length).toBeLessThan(2)
  })

  it('handles a repeated event once, by its id and by what it says', async () => {
    const one = start()
    expect(await one.commands.pagerDuty(webhook({ eventId: 'E1' }))).toBe('stored')
    expect(await one.commands.pagerDuty(webhook({ eventId: 'E1' }))).toBe('duplicate')
    const twice = webhook({ eventId: 'E9', transition: 'acknowledged', incident: { status: 'acknowledged' } })
    expect(await one.commands.pagerDuty(twice)).toBe('stored')
    expect(await one.commands.pagerDuty({ ...twice, eventId: 'sweep:E9' })).toBe('duplicate')
  })

  it('makes an unknown finding of a check that hangs, and keeps its deadline', async () => {
    const one = start({
      check: () => new Promise(() => {}),
      runbook: { checks: [{ id: 'memory-trend', check: 'memory-trend', parameters: {}, timeoutMs: 50 }] },
    })
    const incident = await diagnosed(one)
    expect(incident.investigations[0]?.findings).toMatchObject([{ verdict: 'unknown', unknown: { cause: 'timeout' } }])
  })

  it('stops the checks when the incident is resolved meanwhile', async () => {
    let aborted = false
    const one = start({
      check: (signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            aborted = true
            reject(new Error('aborted'))
          }),
        ),
    })
    await one.commands.pagerDuty(webhook())
    await until(
      'the investigation',
      async () => (await one.store.incident('pd-Q1'))?.value.investigations[0]?.checks === 1,
    )
    await one.commands.pagerDuty(
      webhook({
        eventId: 'E2',
        transition: 'resolved',
        occurredAt: new Date(Date.now() + 1).toISOString(),
        incident: { status: 'resolved' },
      }),
    )
    await until('the abort', () => aborted)
    expect((await incidentOf(one)).investigations[0]?.state).toBe('cancelled')
  })

  it('runs an investigation again that a crash cut off', async () => {
    const dead = start({ check: () => new Promise(() => {}), owner: 'dead' })
    await dead.commands.pagerDuty(webhook())
    await until(
      'the investigation',
      async () => (await dead.store.incident('pd-Q1'))?.value.investigations[0]?.checks === 1,
    )
    await dead.stop()
    const next = start({ store: dead.store, owner: 'next' })
    await next.pass(0)
    await until('the diagnosis', async () => (await incidentOf(next)).investigations[0]?.state === 'finished')
  })

  it('says which service is unknown instead of saying nothing', async () => {
    const one = start()
    await one.commands.pagerDuty(webhook({ incident: { serviceId: 'POTHER', serviceName: 'billing' } }))
    await until('an answer', () => one.views.at(-1)?.incident.investigations[0]?.nothing !== undefined)
    expect(one.views.at(-1)?.incident.investigations[0]?.nothing).toContain('“billing” is not in the service catalogue')
    expect(one.views.at(-1)?.channel).toBe('C0FALL')
  })

  it('offers nothing in observe mode', async () => {
    expect((await diagnosed(start({ service: { mode: 'observe' } }))).remediations).toEqual([])
  })
})

describe('the remediation path', () => {
  it('runs an approved remediation once, follows it, and measures afterwards', async () => {
    const one = start()
    await press(one, await diagnosed(one))
    await until('success', async () => (await stateOf(one)) === 'succeeded')
    expect(one.effects).toHaveLength(1)
    await one.pass(61_000)
    await until('the verification', async () => (await incidentOf(one)).investigations[1]?.state === 'finished')
    expect((await incidentOf(one)).investigations[1]).toMatchObject({
      reason: 'verification',
      verifies: one.effects[0],
    })
  })

  it('has one effect for two clicks, however they arrive', async () => {
    const one = start()
    const incident = await diagnosed(one)
    await Promise.all([press(one, incident, 'k1'), press(one, incident, 'k2'), press(one, incident, 'k1')])
    await until(
      'the end',
      async () => (await stateOf(one)) === 'succeeded' && (await incidentOf(one)).refusals.length === 1,
    )
    expect(one.effects).toHaveLength(1)
    expect((await incidentOf(one)).refusals[0]?.text).toContain('pressed before')
  })

  it('turns a claim whose executor died into "unknown", asks a person, and never tries again', async () => {
    const dead = start({ owner: 'dead', execute: () => new Promise(() => {}) })
    await press(dead, await diagnosed(dead))
    await until('the claim', async () => (await stateOf(dead)) === 'executing')
    const next = start({ store: withoutLeasesOf(dead.store, 'dead'), owner: 'next' })
    await next.pass(0)
    await until('"unknown"', async () => (await stateOf(next)) === 'unknown')
    expect(next.effects).toEqual([])
    expect((await incidentOf(next)).remediations[0]?.outcome?.text).toContain('cannot tell whether it happened')
  })

  it('does not say "unknown" while the executor lives, even to another replica', async () => {
    const one = start({ owner: 'one', execute: () => new Promise(() => {}) })
    await press(one, await diagnosed(one))
    await until('the claim', async () => (await stateOf(one)) === 'executing')
    const other = start({ store: one.store, owner: 'other' })
    await other.store.markDue('incident:pd-Q1', Date.now())
    await other.pass(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(await stateOf(other)).toBe('executing')
  })

  it('takes up the following again where a crash cut it off, without a second effect', async () => {
    const dead = start({ owner: 'dead', follow: () => new Promise(() => {}) })
    await press(dead, await diagnosed(dead))
    await until('the effect', async () => (await stateOf(dead)) === 'following')
    const next = start({ store: withoutLeasesOf(dead.store, 'dead'), owner: 'next' })
    await next.pass(0)
    await until('success', async () => (await stateOf(next)) === 'succeeded')
    expect(next.effects).toEqual([])
    expect(dead.effects).toHaveLength(1)
  })

  it('carries an effect to its end when the process is told to stop', async () => {
    let finish = () => {}
    const one = start({
      execute: ({ signal }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('cut off')))
          finish = () => resolve({ effect: { generation: 2 } })
        }),
    })
    await press(one, await diagnosed(one))
    await until('the claim', async () => (await stateOf(one)) === 'executing')
    const stopping = one.pipeline.stop(1_000)
    finish()
    await stopping
    const inbox = await one.store.inbox('pd-Q1', 10)
    const states = [await stateOf(one), ...inbox.map(({ event }) => event.type)]
    expect(states.some((state) => state === 'following' || state === 'effect-applied')).toBe(true)
  })

  it('reports an effect of uncertain fate as unknown, not as failed', async () => {
    const one = start({
      execute: async () => {
        throw new Error('socket hang up')
      },
    })
    await press(one, await diagnosed(one))
    await until('the end', async () => (await stateOf(one)) === 'unknown')
  })

  it('closes an old offer when a newer diagnosis replaces it', async () => {
    const one = start({ check: async () => PROBLEM })
    const incident = await diagnosed(one)
    const later = Date.now()
    await one.commands.pagerDuty(
      webhook({
        eventId: 'E2',
        transition: 'resolved',
        occurredAt: new Date(later + 1).toISOString(),
        incident: { status: 'resolved' },
      }),
    )
    await one.commands.pagerDuty(
      webhook({ eventId: 'E3', transition: 'reopened', occurredAt: new Date(later + 2).toISOString() }),
    )
    await until('the second diagnosis', async () => (await incidentOf(one)).investigations[1]?.state === 'finished')
    await press(one, incident)
    await until('a refusal', async () => (await incidentOf(one)).refusals.length === 1)
    expect(one.effects).toEqual([])
  })
})

/** The store as a new process sees it after the old one died: its leases are gone. */
function withoutLeasesOf(store: World['store'], owner: string): World['store'] {
  return {
    ...store,
    acquire: async (key, by, ttlMs, now) =>
      (await store.acquire(key, by, ttlMs, now)) ??
      (by === owner ? undefined : store.acquire(key, by, ttlMs, now + 3_600_000)),
  }
}
