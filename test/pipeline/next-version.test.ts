import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { IncidentEvent } from '../../src/domain/event.ts'
import type { Incident } from '../../src/domain/incident.ts'
import { aWebhook } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until, type World, world } from '../fakes/world.ts'

/** What a replica of the next version may store while this one still runs beside it. */
const LATER = { type: 'praised', by: 'U0ANA' } as unknown as IncidentEvent
const ID = 'pd-Q1'

let here: World
beforeEach(async () => {
  here = world({ store: memoryStore() })
  await here.commands.pagerDuty(webhook('triggered'))
  await until('an offer', async () => (await offered()) === 'proposed')
})
afterEach(() => here.stop())

const webhook = (transition: 'triggered' | 'acknowledged') => {
  const occurredAt = new Date().toISOString()
  return aWebhook({ eventId: transition, transition, occurredAt, incident: { createdAt: occurredAt } })
}

const offered = async () => (await here.store.incident(ID))?.value.remediations[0]?.state

async function record(): Promise<Incident> {
  const stored = await here.store.incident(ID)
  if (stored === undefined) throw new Error('There is an incident.')
  return stored.value
}

async function storedByAnother(event: IncidentEvent): Promise<void> {
  await here.store.receive({ incidentId: ID, event, dedupKeys: ['later-1'] }, here.ports.now())
}

/** What a replica that knows the event does. */
async function appliedByAnother(): Promise<void> {
  const lease = await here.store.acquire(`incident:${ID}`, 'another', 5_000, here.ports.now())
  const stored = await here.store.incident(ID)
  const [first] = await here.store.inbox(ID, 1)
  if (lease === undefined || stored === undefined || first === undefined) throw new Error('Nobody else is at it.')
  const { value: incident, version: expectedVersion } = stored
  const change = { incident, expectedVersion, lease, consumedUpTo: first.sequence, timeline: [], due: [] }
  expect(await here.store.commit(change)).toBe('committed')
  await here.store.release(lease)
}

it('leaves an event that it does not know, and what comes after it, to a replica of the next version', async () => {
  await storedByAnother(LATER)
  await here.commands.pagerDuty(webhook('acknowledged'))
  for (const ms of [0, 5_000, 60_000]) await here.pass(ms)
  expect((await here.store.inbox(ID, 10)).map(({ event }) => event.type)).toEqual(['praised', 'pagerduty'])
  expect(await here.store.dueItem(`incident:${ID}`)).toBeDefined()
  await appliedByAnother()
  await here.pass(10_000)
  await until('the rest', async () => (await here.store.inbox(ID, 10)).length === 0)
  expect(here.errors).toEqual([])
})

it('applies what came before it', async () => {
  await here.store.receive(
    { incidentId: ID, event: { type: 'merged-from', incidentId: 'pd-Q2' }, dedupKeys: ['merge'] },
    here.ports.now(),
  )
  await storedByAnother(LATER)
  await here.pass(1_000)
  await until('the merge', async () => (await record()).mergedFrom.includes('pd-Q2'))
  expect((await here.store.inbox(ID, 10)).map(({ event }) => event.type)).toEqual(['praised'])
})

it('says in the timeline that it was left out, when nobody came who knows it', async () => {
  await storedByAnother(LATER)
  await here.pass(16 * 60_000)
  await until('the end', async () => (await here.store.inbox(ID, 10)).length === 0)
  const told = (await here.store.timeline(ID)).filter(({ type }) => type === 'event.left-out')
  expect(told.map(({ text }) => text)).toEqual([expect.stringContaining('“praised”')])
})

it('keeps what the next version adds to a record', async () => {
  const lease = await here.store.acquire(`incident:${ID}`, 'another', 5_000, here.ports.now())
  const stored = await here.store.incident(ID)
  if (lease === undefined || stored === undefined) throw new Error('Nobody else is at it.')
  const { value, version: expectedVersion } = stored
  const mood = { mood: 'calm' }
  const incident: Incident = {
    ...value,
    ...mood,
    investigations: value.investigations.map((one) => ({ ...one, ...mood })),
    remediations: value.remediations.map((one) => ({ ...one, ...mood })),
  }
  await here.store.commit({ incident, expectedVersion, lease, consumedUpTo: 0, timeline: [], due: [] })
  await here.store.release(lease)
  await here.commands.click(ID, value.remediations[0]?.id ?? '', { workspace: 'T1', user: 'U0ANA' }, 'C0ML', 'click-1')
  await until('the restart', async () => (await record()).remediations[0]?.state === 'succeeded')
  const now = await record()
  expect(now).toMatchObject(mood)
  expect(now.investigations[0]).toMatchObject(mood)
  expect(now.remediations[0]).toMatchObject(mood)
})
