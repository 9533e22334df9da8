import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mainRoutes } from '../../src/http/routes.ts'
import { type Server, startServer } from '../../src/http/server.ts'
import { createPagerDutyClient } from '../../src/pagerduty/client.ts'
import { type PagerDutySweep, type PagerDutySweepOptions, startPagerDutySweep } from '../../src/pagerduty/sweep.ts'
import { pagerDutyWebhook } from '../../src/pagerduty/webhook-route.ts'
import type { PagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { aWebhook } from '../builders.ts'
import { aLog } from '../fakes/log.ts'
import { type World, type WorldOptions, world } from '../fakes/world.ts'
import { aStandIn, BOT, SERVICE, TOKEN } from '../sandbox/pagerduty/receiver.ts'

const START = Date.parse('2026-05-11T03:42:00.250Z')
let now = START
let pagerduty: PagerDutyStandIn
let incbot: World
let server: Server
let sweep: PagerDutySweep | undefined
const log = aLog()
const swept: [string, number][] = []

beforeEach(async () => {
  now = START
  swept.length = 0
  pagerduty = await aStandIn({ now: () => now })
  await begin()
})
afterEach(async () => {
  await sweep?.stop()
  await Promise.all([server.stop(0), pagerduty.stop(), incbot.stop()])
})

async function begin(options: WorldOptions = {}): Promise<void> {
  incbot = world({ service: { pagerdutyServiceIds: [SERVICE.id] }, now: START, ...options })
  const pagerDuty = pagerDutyWebhook({ secrets: ['s1'], commands: incbot.commands, log })
  const gate = async () => ({ status: 200, body: {}, headers: {} })
  server = await startServer({ host: '127.0.0.1', port: 0, routes: mainRoutes({ pagerDuty, gate }), log })
  pagerduty.subscribe({ url: `${server.url}/webhooks/pagerduty`, secrets: ['s1'] })
}

const aClient = (timeoutMs = 300) =>
  createPagerDutyClient({ token: TOKEN, from: BOT.email, baseUrl: pagerduty.url, timeoutMs, now: () => now })

function startSweep(changes: Partial<PagerDutySweepOptions> = {}): PagerDutySweep {
  const { store, commands, ports } = incbot
  const meter = { sweep: (result: string, missed: number) => void swept.push([result, missed]) }
  const once = { client: aClient(), everyMs: 3_600_000, log, meter }
  return startPagerDutySweep({ catalogue: ports.catalogue, store, commands, ...once, ...changes })
}

/** One sweep from start to end, as at the start of the process. */
async function sweepOnce(): Promise<readonly [string, number] | undefined> {
  const before = swept.length
  sweep = startSweep()
  while (swept.length === before) await wait(5)
  await sweep.stop()
  return swept.at(-1)
}

const trigger = (title = 'Memory') => pagerduty.trigger({ serviceId: SERVICE.id, title })
async function pass(ms: number): Promise<void> {
  now += ms
  await incbot.pass(ms)
  while ((await incbot.store.depth(now)).inbox > 0) await wait(5)
}
const statusOf = async (id: string) => (await incbot.store.incident(`pd-${id}`))?.value.status

describe('the sweep', () => {
  it('finds the incidents that no webhook told, once', async () => {
    pagerduty.silence(true)
    const [one, two] = [trigger('One'), trigger('Two')]
    pagerduty.acknowledge(two.id)
    expect(await sweepOnce()).toEqual(['ok', 2])
    expect(await sweepOnce()).toEqual(['ok', 0])
    await pass(0)
    expect([await statusOf(one.id), await statusOf(two.id)]).toEqual(['triggered', 'acknowledged'])
    expect(await sweepOnce()).toEqual(['ok', 0])
  })

  it('does not double what a webhook told, before it is applied or after', async () => {
    const { id } = trigger()
    await pagerduty.settled()
    expect(await sweepOnce()).toEqual(['ok', 0])
    await pass(1_000)
    expect(await sweepOnce()).toEqual(['ok', 0])
    const timeline = await incbot.store.timeline(`pd-${id}`)
    expect(timeline.filter(({ type }) => type === 'pagerduty.triggered')).toHaveLength(1)
  })

  it('is not doubled by a webhook that comes late', async () => {
    pagerduty.silence(true)
    const { id } = trigger()
    await sweepOnce()
    // PagerDuty's own event has milliseconds and an id of its own.
    const incident = { id, serviceId: SERVICE.id, createdAt: '2026-05-11T03:42:00.000Z' }
    const late = aWebhook({ eventId: 'E-webhook', occurredAt: new Date(START).toISOString(), incident })
    expect(await incbot.commands.pagerDuty(late)).toBe('duplicate')
  })

  it('closes what was resolved without a webhook', async () => {
    const [one, two] = [trigger('One'), trigger('Two')]
    await pagerduty.settled()
    await pass(5_000)
    pagerduty.silence(true)
    pagerduty.resolve(one.id)
    await pass(60_000)
    expect(await sweepOnce()).toEqual(['ok', 1])
    await pass(0)
    expect([await statusOf(one.id), await statusOf(two.id)]).toEqual(['resolved', 'triggered'])
    const incident = (await incbot.store.incident(`pd-${one.id}`))?.value
    expect(incident?.resolvedAt).toBe(Date.parse('2026-05-11T03:42:05.000Z'))
    expect(await sweepOnce()).toEqual(['ok', 0])
  })

  it('closes what had joined another incident, without a webhook, and the incident with the last of them', async () => {
    await Promise.all([server.stop(0), incbot.stop()])
    await begin({ groupWithinMs: 600_000 })
    pagerduty.silence(true)
    const [one, two, three] = [trigger('One'), trigger('Two'), trigger('Three')]
    expect(await sweepOnce()).toEqual(['ok', 3])
    await pass(5_000)
    expect(await sweepOnce()).toEqual(['ok', 0])
    const [leader, ...others] = await incbot.store.incidents({ limit: 10 })
    expect([leader?.joined?.count, others]).toEqual([2, []])
    for (const { id } of [one, two]) pagerduty.resolve(id)
    await pass(60_000)
    expect(await sweepOnce()).toEqual(['ok', 2])
    await pass(0)
    expect((await incbot.store.incidents({ open: true, limit: 10 }))[0]?.joined?.own.status).toBeDefined()
    pagerduty.resolve(three.id)
    await pass(60_000)
    expect(await sweepOnce()).toEqual(['ok', 1])
    await pass(0)
    expect(await incbot.store.incidents({ open: true, limit: 10 })).toEqual([])
    expect(await sweepOnce()).toEqual(['ok', 0])
  })

  it('joins what was merged without a webhook', async () => {
    const [source, target] = [trigger('One'), trigger('Two')]
    await pagerduty.settled()
    await pass(5_000)
    pagerduty.silence(true)
    pagerduty.merge(source.id, target.id)
    expect(await sweepOnce()).toEqual(['ok', 1])
    await pass(0)
    expect((await incbot.store.incident(`pd-${source.id}`))?.value.mergedInto).toBe(`pd-${target.id}`)
  })

  it('opens again what was reopened without a webhook', async () => {
    const { id } = trigger()
    await pagerduty.settled()
    await pass(5_000)
    pagerduty.resolve(id)
    await pagerduty.settled()
    await pass(5_000)
    expect(await statusOf(id)).toBe('resolved')
    pagerduty.silence(true)
    pagerduty.reopen(id)
    expect(await sweepOnce()).toEqual(['ok', 1])
    await pass(0)
    expect(await statusOf(id)).toBe('triggered')
  })

  it('logs an outage once, and its end', async () => {
    pagerduty.silence(true)
    trigger()
    pagerduty.failNext({ path: /^\/incidents$/ }, { status: 500 }, 2)
    const quiet = aLog()
    sweep = startSweep({ everyMs: 1_000, log: quiet })
    while (swept.length < 3) await wait(20)
    await sweep.stop()
    expect(swept).toEqual([
      ['failed', 0],
      ['failed', 0],
      ['ok', 1],
    ])
    expect(quiet.messages('warn')).toEqual([expect.stringContaining('cannot be swept')])
    expect(quiet.messages('info')).toContain('PagerDuty answers the sweep again')
  })

  it('is not stopped by one incident that it may not see', async () => {
    const incidents = [trigger('One'), trigger('Two'), trigger('Three')]
    await pagerduty.settled()
    await pass(5_000)
    pagerduty.silence(true)
    for (const { id } of incidents) pagerduty.resolve(id)
    pagerduty.failNext(
      { path: /^\/incidents\/Q/ },
      { status: 404, body: { error: { code: 2100, message: 'Not Found' } } },
    )
    expect(await sweepOnce()).toEqual(['ok', 2])
  })

  it('asks for a few incidents at a time', async () => {
    let open = 0
    let most = 0
    pagerduty.silence(true)
    const triggered = Array.from({ length: 30 }, (_, index) => trigger(`Number ${index}`))
    await sweepOnce()
    await pass(5_000)
    for (const { id } of triggered) pagerduty.resolve(id)
    const client = aClient(1_000)
    const counting = {
      ...client,
      async incident(id: string, signal: AbortSignal) {
        most = Math.max(most, ++open)
        await wait(5)
        return client.incident(id, signal).finally(() => {
          open -= 1
        })
      },
    }
    sweep = startSweep({ client: counting })
    while (swept.length < 2) await wait(5)
    expect(swept.at(-1)).toEqual(['ok', 30])
    expect(most).toBe(4)
  })

  it('ends at once when it is stopped, and says nothing about it', async () => {
    pagerduty.failNext({}, 'hang')
    const client = aClient(60_000)
    const quiet = aLog()
    const stopping = startSweep({ client, everyMs: 60_000, log: quiet })
    await wait(50)
    const before = performance.now()
    await stopping.stop()
    expect(performance.now() - before).toBeLessThan(500)
    expect([...quiet.messages('warn'), ...quiet.messages('error')]).toEqual([])
  })
})
