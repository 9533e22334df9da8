import { afterEach, describe, expect, it } from '@jest/globals'
import type { FindingBody } from '../../src/domain/finding.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { ScheduledCheck } from '../../src/domain/schedule/schedule.ts'
import { USUAL_HOURS } from '../../src/domain/schedule/working-hours.ts'
import { aWebhook } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { PROBLEM, until, type World, type WorldOptions, world } from '../fakes/world.ts'

const HOUR = 3_600_000
/** Saturday, 02:59:30 in Berlin: 54 h until work begins. */
const NIGHT = Date.parse('2026-03-14T01:59:30Z')
const hourly: ScheduledCheck = { name: 'watch', rhythm: { everyMs: HOUR }, services: ['inference'], runbook: 'memory' }
const open: World[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

/** What the check says next: hours until the limit, that there is none, or that it cannot tell. */
interface Telling {
  says: number | 'clear' | 'unknown'
  runs: number
}

function start(telling: Telling, options: WorldOptions = {}): World {
  const one = world({
    now: NIGHT,
    schedule: [hourly],
    service: { workingHours: { ...USUAL_HOURS, timeZone: 'Europe/Berlin' } },
    check: async () => {
      telling.runs += 1
      return bodyOf(telling.says)
    },
    ...options,
  })
  open.push(one)
  return one
}

function bodyOf(says: Telling['says']): FindingBody {
  if (says === 'unknown')
    return { ...PROBLEM, verdict: 'unknown', unknown: { cause: 'timeout', text: 'No answer in time.' } }
  if (says === 'clear') return { ...PROBLEM, verdict: 'clear', signals: { growth: 'flat' } }
  const fact = { id: 'timeToLimit', label: 'Time to the limit', value: says, unit: 'hours' } as const
  return { ...PROBLEM, severity: 'medium', facts: [{ ...fact, interval: { low: says * 0.8, high: says * 1.2 } }] }
}

/** The next hour: one turn, carried out to its end. */
async function nextHour(one: World, telling: Telling, says: Telling['says'] = telling.says): Promise<Incident> {
  const before = telling.runs
  telling.says = says
  await one.pass(HOUR)
  await one.tick()
  await until('a run', () => telling.runs > before)
  await settled(one)
  return watchOf(one)
}

async function settled(one: World): Promise<void> {
  await until('nothing due', async () => (await one.store.due(one.ports.now(), 10)).length === 0)
}

async function watchOf(one: World): Promise<Incident> {
  const [id] = (await one.store.incidentIds(undefined, 10)).filter((each) => each.startsWith('watch-')).slice(-1)
  const stored = id === undefined ? undefined : await one.store.incident(id)
  if (stored === undefined) throw new Error('there is no watch')
  return stored.value
}

/** A world that has taken the turn of this hour already. */
async function started(telling: Telling, options: WorldOptions = {}): Promise<World> {
  const one = start(telling, options)
  const taken = new Date(Math.floor(NIGHT / HOUR) * HOUR).toISOString()
  for (const { name } of options.schedule ?? [hourly]) await one.store.setSetting(`taken:schedule:${name}`, taken)
  return one
}

describe('a scheduled check', () => {
  it('opens a pre-alert with findings and an offer, hours before anybody is paged', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    const one = await started(telling)
    const watch = await nextHour(one, telling)
    expect(watch).toMatchObject({ origin: 'schedule', service: 'inference', live: true, status: 'triggered' })
    expect(watch.preAlert).toMatchObject({ state: 'open', schedule: 'watch', runbook: 'memory' })
    expect(watch.preAlert?.foreseen?.at).toBeCloseTo(one.ports.now() + 9 * HOUR, -5)
    expect(watch.investigations).toMatchObject([{ reason: 'scheduled', state: 'finished' }])
    expect(watch.remediations).toMatchObject([{ kind: 'rolling-restart', state: 'proposed' }])
    expect(one.errors).toEqual([])
  })

  it('says nothing about what is five days away, keeps one run of it, and asks no cluster for a plan', async () => {
    const telling: Telling = { says: 120, runs: 0 }
    const one = await started(telling)
    for (let hours = 0; hours < 5; hours += 1) await nextHour(one, telling)
    const watch = await watchOf(one)
    expect(watch).toMatchObject({ live: false, status: 'resolved', remediations: [] })
    expect(watch.investigations).toHaveLength(1)
    expect(telling.runs).toBe(5)
    expect(await one.store.timeline(watch.id)).toEqual([])
    expect(await one.store.incidents({ open: true, limit: 10 })).toEqual([])
  })

  it('has its first turn as soon as it is set up', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    const one = start(telling)
    await one.tick()
    await until('a run', () => telling.runs === 1)
    await settled(one)
    await one.tick()
    await settled(one)
    expect(telling.runs).toBe(1)
  })

  it('makes one run of a slot, however often it ticks and however many look', async () => {
    const telling: Telling = { says: 120, runs: 0 }
    const store = memoryStore()
    const one = await started(telling, { store })
    const other = start(telling, { store, owner: 'b', now: NIGHT + HOUR })
    await nextHour(one, telling)
    await Promise.all([one.tick(), other.tick(), one.tick()])
    await settled(one)
    expect(telling.runs).toBe(1)
  })

  it('is carried out by the next process when the one that ticked was killed before it', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    const store = memoryStore()
    const killed = await started(telling, { store })
    await killed.stop()
    await killed.pass(HOUR)
    await killed.tick()
    expect(telling.runs).toBe(0)
    const next = start(telling, { store, now: killed.ports.now() })
    await next.pass(0)
    await until('the run', () => telling.runs === 1)
    await settled(next)
    expect((await watchOf(next)).preAlert?.state).toBe('open')
  })

  it('catches up on one run after a night away, and not on all', async () => {
    const telling: Telling = { says: 120, runs: 0 }
    const store = memoryStore()
    const away = await started(telling, { store })
    await away.stop()
    // It was killed after it had ticked twice and before it did anything.
    for (const hours of [1, 1]) {
      await away.pass(hours * HOUR)
      await away.tick()
    }
    expect(await store.due(away.ports.now(), 10)).toHaveLength(2)
    const back = start(telling, { store, now: NIGHT + 10 * HOUR })
    await back.tick()
    await back.pass(0)
    await settled(back)
    expect(telling.runs).toBe(1)
    await back.tick()
    await settled(back)
    expect(telling.runs).toBe(1)
  })

  it('leaves a turn out while the run before it goes on', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    let finish = (): void => {}
    const slow = new Promise<void>((resolve) => {
      finish = resolve
    })
    const runbook = { checks: [{ id: 'memory-trend', check: 'memory-trend', parameters: {}, timeoutMs: 60_000 }] }
    const one = await started(telling, {
      runbook,
      check: async () => {
        telling.runs += 1
        await slow
        return bodyOf(9)
      },
    })
    await one.pass(HOUR)
    await one.tick()
    await until('the slow run', () => telling.runs === 1)
    await one.pass(HOUR)
    await one.tick()
    await until('the next turn to be taken', async () => (await one.store.due(one.ports.now(), 10)).length === 1)
    expect((await watchOf(one)).investigations).toHaveLength(1)
    finish()
    await settled(one)
    expect(telling.runs).toBe(1)
  })
})

describe('an open pre-alert', () => {
  it('is brought up to date in place, and offers again what has expired', async () => {
    const telling: Telling = { says: 20, runs: 0 }
    const one = await started(telling)
    const first = await nextHour(one, telling)
    const second = await nextHour(one, telling, 19.2)
    expect(second.id).toBe(first.id)
    expect(second.preAlert?.escalations).toEqual([])
    expect(second.investigations.map(({ isQuiet }) => isQuiet)).toEqual([undefined, true])
    // An hour is longer than an offer lasts.
    expect(second.remediations.filter(({ state }) => state === 'proposed')).toHaveLength(1)
    expect(second.remediations[0]?.id).not.toBe(first.remediations[0]?.id)
  })

  it('leaves an offer alone that still stands', async () => {
    const telling: Telling = { says: 20, runs: 0 }
    const policy = { 'rolling-restart': { expiresAfterMs: 24 * HOUR } }
    const one = await started(telling, {
      service: { approval: policy, workingHours: { ...USUAL_HOURS, timeZone: 'UTC' } },
    })
    const first = await nextHour(one, telling)
    const second = await nextHour(one, telling, 19)
    expect(second.remediations.map(({ id }) => id)).toEqual(first.remediations.map(({ id }) => id))
  })

  it('closes itself after two clear runs and withdraws what it offered; what comes back is a new one', async () => {
    const telling: Telling = { says: 20, runs: 0 }
    const one = await started(telling)
    const first = await nextHour(one, telling)
    expect((await nextHour(one, telling, 'clear')).preAlert).toMatchObject({ state: 'open', clearRuns: 1 })
    const closed = await nextHour(one, telling, 'clear')
    expect(closed).toMatchObject({ id: first.id, status: 'resolved', preAlert: { state: 'closed' } })
    expect(closed.remediations.filter(({ state }) => state === 'proposed')).toEqual([])
    const again = await nextHour(one, telling, 9)
    expect(again.id).not.toBe(first.id)
    expect(again.preAlert?.state).toBe('open')
    const types = (await one.store.timeline(first.id)).map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('pre-alert'))).toEqual(['pre-alert.opened', 'pre-alert.closed'])
  })

  it('stays, with what it knew last, while nothing can be told', async () => {
    const telling: Telling = { says: 20, runs: 0 }
    const one = await started(telling)
    const known = await nextHour(one, telling)
    await nextHour(one, telling, 'unknown')
    const doubtful = await nextHour(one, telling, 'unknown')
    expect(doubtful).toMatchObject({ status: 'triggered', preAlert: { state: 'open', clearRuns: 0 } })
    expect(doubtful.preAlert?.unknown).toEqual({ since: expect.any(Number), why: 'No answer in time.' })
    expect(doubtful.investigations.map(({ id }) => id)).toEqual(known.investigations.map(({ id }) => id))
  })

  it('is referred to by the incident that PagerDuty opens for the service', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    const one = await started(telling)
    const watch = await nextHour(one, telling)
    const now = new Date(one.ports.now()).toISOString()
    await one.commands.pagerDuty(aWebhook({ occurredAt: now, incident: { createdAt: now } }))
    await until('the incident', async () => (await one.store.incident('pd-Q1')) !== undefined)
    expect((await one.store.incident('pd-Q1'))?.value.foreseenBy).toEqual({
      incidentId: watch.id,
      openedAt: watch.openedAt,
      at: watch.preAlert?.foreseen?.at,
    })
  })

  it('is one, also where two schedules find the same', async () => {
    const telling: Telling = { says: 9, runs: 0 }
    const both = [hourly, { ...hourly, name: 'other' }]
    const one = await started(telling, { schedule: both })
    await one.pass(HOUR)
    await one.tick()
    await until('a run', () => telling.runs > 0)
    await settled(one)
    const watches = (await one.store.incidentIds(undefined, 10)).filter((id) => id.startsWith('watch-'))
    expect(watches).toHaveLength(1)
  })
})
