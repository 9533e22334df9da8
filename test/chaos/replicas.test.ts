import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import type { Remediation } from '../../src/domain/remediation.ts'
import type { Store } from '../../src/store/store.ts'
import { type RealRedis, startRealRedis } from '../parts/redis/real-redis.ts'
import { openStoreAt } from '../parts/redis/temporary-redis-store.ts'
import { buttonsOf } from './life.ts'
import { createMortalBot, type MortalBot } from './mortal-bot.ts'
import { watchRestarts } from './restarts.ts'
import { APPROVER, channels, freePorts, pagerDutyServiceId, serviceName, startTown, type Town } from './town.ts'
import { startWebhookRelay, type WebhookRelay } from './webhook-relay.ts'

const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')
const READY_MS = 60_000
/** A lease of 15 s, the look for dead workers of 5 s, and the time of a machine that does other things as well. */
const TAKEN_OVER_WITHIN_MS = 60_000

interface Replica {
  readonly url: string
  readonly bot: MortalBot
}

let directory: string
let redis: RealRedis
let town: Town
let relay: WebhookRelay
let store: Store
let replicas: readonly [Replica, Replica]
let watch: ReturnType<typeof watchRestarts>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'incbot-replicas-'))
  redis = await startRealRedis()
  town = await startTown(directory, { podStartMs: 250 })
  const replica = async (index: number): Promise<Replica> => {
    const [port, opsPort] = await freePorts()
    const env = {
      ...town.env,
      INCBOT_DATA_DIR: join(directory, `data-${index}`),
      REDIS_URL: redis.url,
      PORT: String(port),
      OPS_PORT: String(opsPort),
    }
    return {
      url: `http://127.0.0.1:${port}`,
      bot: createMortalBot({ main: MAIN, env, opsUrl: `http://127.0.0.1:${opsPort}` }),
    }
  }
  replicas = [await replica(0), await replica(1)]
  // As a load balancer: one after the other, and what one does not answer PagerDuty sends again, to the other.
  let turn = 0
  relay = await startWebhookRelay({
    target: () => `${replicas[turn++ % 2 === 0 ? 0 : 1].url}/webhooks/pagerduty`,
    onPass: () => undefined,
    onAnswer: () => undefined,
  })
  town.pagerduty.subscribe({ url: relay.url, secrets: [town.webhookSecret] })
  watch = watchRestarts(town, () => undefined)
  store = openStoreAt(redis.url, 'incbot')
  for (const { bot } of replicas) bot.start()
  await Promise.all(replicas.map(({ bot }) => bot.ready(READY_MS)))
}, 120_000)

afterEach(async () => {
  watch.stop()
  for (const { bot } of replicas) bot.kill()
  await Promise.all(replicas.map(({ bot }) => bot.gone()))
  await town.stop()
  await relay.stop()
  await store.close()
  await redis.stop()
  await rm(directory, { recursive: true, force: true })
}, 120_000)

it('post each incident once, and carry out once what was pressed at either of them', async () => {
  const incidents = [0, 1, 2, 3].map((service) => trigger(service))
  const offers = await Promise.all(incidents.map((id) => offered(id)))
  // Each of them at another replica; the last one at both.
  await press(offers[0], [0])
  await press(offers[1], [1])
  await press(offers[2], [0, 1])
  await Promise.all(incidents.slice(0, 3).map((id) => ended(id)))
  expect(watch.restarts.map(({ workload }) => workload).sort()).toEqual([0, 1, 2].map(serviceName))
  expect(await Promise.all(incidents.map(async (id) => (await restartOf(id))?.state))).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'proposed',
  ])
  await quiet()
  expect(postedTwice()).toEqual([])
  for (const id of incidents) expect(keysOf(id).filter((key) => key.endsWith(':card'))).toHaveLength(1)
}, 300_000)

it('take over from one that is killed, and tell what became of what it did', async () => {
  const [mortal, other] = replicas
  const first = trigger(4)
  const offer = await offered(first)
  await press(offer, [0, 1])
  await reached('the cluster took the restart', () => watch.restarts.length > 0)
  mortal.bot.kill()
  const second = trigger(5)
  const state = (await ended(first, TAKEN_OVER_WITHIN_MS)).state
  expect(['succeeded', 'unknown']).toContain(state)
  await offered(second, TAKEN_OVER_WITHIN_MS)
  const outcomes = () => keysOf(first).filter((key) => key.includes(':outcome:'))
  await reached('it is told', () => outcomes().length > 0, TAKEN_OVER_WITHIN_MS)
  await quiet()
  expect(watch.restarts).toHaveLength(1)
  expect(postedTwice()).toEqual([])
  expect(outcomes()).toHaveLength(1)
  expect(other.bot.running).toBe(true)
}, 300_000)

it('double nothing when one is stopped for longer than its leases and goes on', async () => {
  const [sleepy] = replicas
  const first = trigger(6)
  const offer = await offered(first)
  const second = trigger(7)
  await press(offer, [0])
  sleepy.bot.pause()
  await sleep(20_000)
  await ended(first, TAKEN_OVER_WITHIN_MS)
  await offered(second, TAKEN_OVER_WITHIN_MS)
  sleepy.bot.resume()
  await quiet()
  expect(watch.restarts.length).toBeLessThanOrEqual(1)
  expect(postedTwice()).toEqual([])
  // Both work on.
  town.pagerduty.resolve(second)
  await reached('it is resolved', async () => (await incidentOf(second))?.status === 'resolved')
}, 300_000)

function trigger(service: number): string {
  return town.pagerduty.trigger({ serviceId: pagerDutyServiceId(service), title: `Trouble ${service}` }).id
}

interface Offer {
  readonly channel: string
  readonly ts: string
  readonly actionId: string
}

/** The button of a restart on the incident's card. */
async function offered(id: string, withinMs = 60_000): Promise<Offer> {
  let found: Offer | undefined
  await reached(
    `a restart is offered for ${id}`,
    () => {
      for (const channel of channels)
        for (const message of town.slack.messages(channel)) {
          const button = buttonsOf(message).find((one) => one.incidentId === id && one.text.startsWith('Restart'))
          if (button !== undefined) found = { channel, ts: message.ts, actionId: button.actionId }
        }
      return found !== undefined
    },
    withinMs,
  )
  if (found === undefined) throw new Error('It was found.')
  return found
}

/** Presses the button; Slack delivers it to each of these replicas. */
async function press(offer: Offer | undefined, at: readonly (0 | 1)[]): Promise<void> {
  if (offer === undefined) throw new Error('There is an offer.')
  await Promise.all(
    at.map((index) => {
      town.slack.requestUrl = `${replicas[index].url}/slack/events`
      return town.slack.click({ user: APPROVER, ...offer }).catch(() => undefined)
    }),
  )
}

async function incidentOf(id: string) {
  return (await store.incident(`pd-${id}`))?.value
}

async function restartOf(id: string): Promise<Remediation | undefined> {
  return (await incidentOf(id))?.remediations.find(({ kind }) => kind === 'rolling-restart')
}

async function ended(id: string, withinMs = 60_000): Promise<Remediation> {
  let restart: Remediation | undefined
  await reached(
    `the restart of ${id} has ended`,
    async () => {
      restart = await restartOf(id)
      return restart?.finishedAt !== undefined
    },
    withinMs,
  )
  if (restart === undefined) throw new Error('It has ended.')
  return restart
}

async function reached(what: string, isReached: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await isReached())) {
    if (Date.now() > end) {
      const logs = replicas
        .map(({ bot }) =>
          bot.logs
            .slice(-10)
            .map((line) => line.slice(0, 400))
            .join('\n'),
        )
        .join('\n--\n')
      throw new Error(`Not within ${withinMs / 1000} s: ${what}\n${logs}`)
    }
    await sleep(50)
  }
}

/** Long enough for whatever was late to be doubled. */
async function quiet(): Promise<void> {
  let calls = -1
  for (let since = Date.now(); Date.now() - since < 3_000; await sleep(100)) {
    if (town.slack.calls.length !== calls) since = Date.now()
    calls = town.slack.calls.length
  }
}

/** Keys of everything that stands in Slack for an incident, with each as often as it does. */
function keysOf(id: string): readonly string[] {
  return allKeys().filter((key) => key.includes(`:pd-${id}:`))
}

function allKeys(): readonly string[] {
  return channels.flatMap((channel) =>
    town.slack
      .messages(channel)
      .flatMap(({ ts, ...message }) => [message, ...town.slack.thread(channel, ts).slice(1)])
      .flatMap(({ metadata }) => {
        const key = metadata?.event_payload.key
        return typeof key === 'string' ? [key] : []
      }),
  )
}

function postedTwice(): readonly string[] {
  const keys = allKeys()
  return keys.filter((key, index) => keys.indexOf(key) !== index)
}
