import { afterEach, describe, expect, it } from '@jest/globals'
import type { Digest } from '../../src/domain/digest.ts'
import type { DigestPlan } from '../../src/domain/schedule/schedule.ts'
import { aWebhook } from '../builders.ts'
import { memoryStore } from '../fakes/memory-store.ts'
import { until, type World, type WorldOptions, world } from '../fakes/world.ts'

const DAY = 24 * 3_600_000
const NINE = Date.parse('2026-03-16T09:00:00Z')
const daily: DigestPlan = { rhythm: { everyMs: DAY }, channel: 'C0ML', timeZone: 'UTC', whenEmpty: 'nothing' }
const open: World[] = []

function start(options: WorldOptions = {}): World {
  const one = world({ now: NINE, digest: daily, ...options })
  open.push(one)
  return one
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

async function nextDay(one: World): Promise<void> {
  await one.pass(DAY)
  await one.tick()
  await until('nothing due', async () =>
    (await one.store.due(one.ports.now(), 10)).every(({ key }) => !key.startsWith('digest:')),
  )
}

async function page(one: World): Promise<void> {
  const now = new Date(one.ports.now()).toISOString()
  await one.commands.pagerDuty(aWebhook({ occurredAt: now, incident: { createdAt: now } }))
  await until(
    'a diagnosis',
    async () => (await one.store.incident('pd-Q1'))?.value.investigations[0]?.state === 'finished',
  )
}

describe('the hand-off digest', () => {
  it('is posted once a slot, and waits for its first one', async () => {
    const told: Digest[] = []
    const one = start({
      postDigest: async (_id, digest) => {
        told.push(digest)
      },
    })
    await page(one)
    await one.tick()
    await one.tick()
    expect(one.digests).toEqual([])
    await nextDay(one)
    await one.tick()
    expect(one.digests).toEqual(['digest-2026-03-17T00:00:00.000Z'])
    expect(told[0]).toMatchObject({ since: Date.parse('2026-03-16T00:00:00Z'), open: [{ id: 'pd-Q1' }] })
    await nextDay(one)
    expect(told[1]?.since).toBe(Date.parse('2026-03-17T00:00:00Z'))
  })

  it('is nothing when there is nothing to hand over, unless a line is wanted', async () => {
    const quiet = start()
    const wordy = start({ digest: { ...daily, whenEmpty: 'line' } })
    for (const one of [quiet, wordy]) {
      await one.tick()
      await nextDay(one)
    }
    expect([quiet.digests, wordy.digests]).toEqual([[], ['digest-2026-03-17T00:00:00.000Z']])
  })

  it('is tried again under the same id after a failure, also by the next process', async () => {
    const store = memoryStore()
    const failing = start({ store, postDigest: () => Promise.reject(new Error('Slack is away')) })
    await page(failing)
    await failing.tick()
    await failing.pass(DAY)
    await failing.tick()
    await until('a failure', () => failing.errors.length > 0)
    await failing.stop()
    const next = start({ store, now: failing.ports.now() })
    await next.pass(0)
    await until('the digest', () => next.digests.length === 1)
    expect([...failing.digests, ...next.digests]).toEqual(Array(2).fill('digest-2026-03-17T00:00:00.000Z'))
  })

  it('says which services are watched without an answer', async () => {
    const told: Digest[] = []
    const one = start({
      schedule: [{ name: 'watch', rhythm: { everyMs: DAY }, services: ['inference'], runbook: 'memory' }],
      check: () => Promise.reject(new Error('Prometheus is away')),
      postDigest: async (_id, digest) => {
        told.push(digest)
      },
    })
    await one.tick()
    await until('a run', async () => (await one.store.incidentIds(undefined, 10)).length === 1)
    await until('its end', async () => (await one.store.due(one.ports.now(), 10)).length === 0)
    await nextDay(one)
    expect(told[0]?.blind).toMatchObject([{ service: 'inference', preAlert: { state: 'watching' } }])
  })

  it('settles what a configuration of before left due', async () => {
    const one = world({ now: NINE })
    open.push(one)
    await one.store.markDue('digest:hand-off@2026-03-16T00:00:00.000Z', 0)
    await one.store.markDue('schedule:gone@2026-03-16T00:00:00.000Z', 0)
    await one.pass(0)
    await until('nothing due', async () => (await one.store.due(one.ports.now(), 10)).length === 0)
    expect([one.digests, one.errors]).toEqual([[], []])
  })
})
