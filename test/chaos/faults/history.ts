import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../src/sandbox/world/random.ts'
import { type Chronicle, createChronicle } from '../chronicle.ts'
import { collect } from '../evidence.ts'
import type { Violation } from '../findings.ts'
import { judgeEffects } from '../judge-effects.ts'
import { judgeRecords } from '../judge-records.ts'
import { judgeSlack } from '../judge-slack.ts'
import { type Life, live } from '../life.ts'
import { watchRestarts } from '../restarts.ts'
import { settledWithin } from '../settled.ts'
import { startTown, type Town } from '../town.ts'
import { startWebhookRelay, type WebhookRelay } from '../webhook-relay.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { judgeDoubledEvents, judgeOrder } from './judge-order.ts'
import type { FaultKind, Plan } from './plan.ts'
import { type Storage, startStorage } from './storage.ts'
import { clockMs, strikeAll } from './strike.ts'

const INCIDENTS = 8
/** One step of an incident takes about this long, so that there is work for as long as faults come. */
const STEP_MS = 1_500
const SWEEP_EVERY_S = 3
/** Time for the sweep of PagerDuty to bring what no webhook did. */
const SWEPT_MS = 3 * SWEEP_EVERY_S * 1_000
/** A retry may wait for a minute. */
const SETTLED_WITHIN_MS = 120_000
/** Mistakes that no fault excuses. */
const BUG = /Unhandled rejection|Check failed|"err":\{"type":"(Type|Range|Reference)Error/

/** What came of one history. */
export interface Verdict {
  readonly plan: Plan
  readonly struck: readonly FaultKind[]
  readonly incidents: number
  readonly webhooks: number
  readonly acknowledged: number
  readonly presses: number
  /** State of every remediation that was approved. */
  readonly remediations: readonly string[]
  /** Requests that each bot was given. */
  readonly shares: readonly number[]
  readonly violations: readonly (Violation & { readonly story: string })[]
  readonly tookMs: number
  /** Until all had come to rest after the last fault. */
  readonly settledAfterMs: number
}

/** Lives through a plan with real processes, lets everything come to rest, and holds what is then to be seen against the invariants. */
export async function liveThrough(plan: Plan): Promise<Verdict> {
  const began = Date.now()
  const directory = await mkdtemp(join(tmpdir(), 'incbot-replicas-'))
  const chronicle = createChronicle(`seed ${plan.seed}`, began)
  const opened: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })]
  try {
    const town = await startTown(directory, { sweepEvery: `${SWEEP_EVERY_S}s`, socketMode: plan.socketMode })
    opened.push(() => town.stop())
    const storage = await startStorage(plan.storage, town, chronicle)
    opened.push(() => storage.stop())
    const fleet = await startFleet(town, plan.bots, storage.env, chronicle)
    opened.push(() => fleet.destroy())
    if (!plan.socketMode) town.slack.requestUrl = `${fleet.balancer.url}/slack/events`
    const relay = await relayTo(fleet, chronicle)
    opened.push(() => relay.stop())
    town.pagerduty.subscribe({ url: relay.url, secrets: [town.webhookSecret] })
    return { ...(await play(plan, { town, storage, fleet, relay, chronicle })), tookMs: Date.now() - began }
  } finally {
    for (const close of opened.toReversed()) await close()
  }
}

interface Stage {
  readonly town: Town
  readonly storage: Storage
  readonly fleet: Fleet
  readonly relay: WebhookRelay
  readonly chronicle: Chronicle
}

async function play(plan: Plan, stage: Stage): Promise<Omit<Verdict, 'tookMs'>> {
  const { town, storage, fleet, relay, chronicle } = stage
  const struck: FaultKind[] = []
  const watch = watchRestarts(town, ({ workload, stamp }) =>
    chronicle.note(undefined, `Kubernetes: restart of ${workload} ${stamp}`),
  )
  writeDown(town, chronicle)
  try {
    await fleet.ready()
    const random = seededRandom(plan.seed)
    const life = live({
      town,
      relay,
      random,
      chronicle,
      incidents: INCIDENTS,
      steps: Math.ceil(plan.overMs / STEP_MS),
      doubled: false,
    })
    const onStrike = ({ kind, bot }: Plan['faults'][number]): void => {
      struck.push(kind)
      chronicle.note(undefined, `(${kind}, bot ${bot})`)
    }
    await Promise.all([life.over, strikeAll(stage, plan.faults, onStrike)])
    const overAt = Date.now()
    await relay.settled()
    await fleet.ready()
    // What a clock that was fast has put off is due by then for those that are right.
    await sleep(Math.max(SWEPT_MS, clockMs(plan.storage) + 1_000))
    await settledWithin(SETTLED_WITHIN_MS, town, fleet.bots).catch(async (error: unknown) => {
      throw new Error(`What is due: ${await storage.due()}`, { cause: error })
    })
    const settledAfterMs = Date.now() - overAt
    await fleet.end()
    watch.stop()
    const violations = await judge(stage, life, watch.restarts)
    const webhooks = [...relay.seen.values()].flatMap(({ statuses }) => statuses)
    return {
      plan,
      struck,
      incidents: life.incidents.length,
      webhooks: webhooks.length,
      acknowledged: webhooks.filter((status) => status === 202).length,
      presses: life.presses.length,
      remediations: violations.remediations,
      settledAfterMs,
      shares: fleet.balancer.shares,
      violations: violations.found.map((one) => ({ ...one, story: chronicle.storyOf(one.about, 120) })),
    }
  } finally {
    watch.stop()
  }

  async function judge({ storage: { open } }: Stage, life: Life, restarts: (typeof watch)['restarts']) {
    const ids = life.incidents.map(({ id }) => id)
    const evidence = await collect(town, ids, open)
    const webhooks = [...relay.seen.values()]
    const found: readonly Violation[] = [
      ...fleet.complaints.map((what) => ({ about: 'the fleet', what })),
      ...fleet.bots.flatMap(({ logs }, index) =>
        logs.filter((line) => BUG.test(line)).map((line) => ({ about: `bot ${index}`, what: line.slice(0, 600) })),
      ),
      ...judgeRecords(town, evidence, life.incidents, webhooks, life.presses),
      ...judgeOrder(evidence.remembered, webhooks),
      ...judgeDoubledEvents(evidence.remembered),
      ...judgeSlack(town, evidence),
      ...judgeEffects(town, evidence, restarts),
    ]
    const remediations = [...evidence.remembered.values()].flatMap(({ incident }) =>
      incident.remediations.flatMap(({ state, approval }) => (approval === undefined ? [] : [state])),
    )
    return { found, remediations }
  }
}

function relayTo(fleet: Fleet, chronicle: Chronicle): Promise<WebhookRelay> {
  return startWebhookRelay({
    target: () => `${fleet.balancer.url}/webhooks/pagerduty`,
    onPass: () => undefined,
    onAnswer: ({ incidentId, eventType, eventId }, status) =>
      chronicle.note(incidentId, `${eventType} ${eventId}: ${status || 'no answer'}`),
    onFault: ({ incidentId, eventType, eventId }, fault) =>
      chronicle.note(incidentId, `${eventType} ${eventId} meets: ${fault}`),
  })
}

function writeDown(town: Town, chronicle: Chronicle): void {
  town.slack.on((event) => {
    if (event.type !== 'message' && event.type !== 'update') return
    const given = event.message.metadata?.event_payload.key
    const key = typeof given === 'string' ? given : 'a file'
    chronicle.note(/^slack:pd-(\w+)/.exec(key)?.[1], `Slack ${event.type} ${key} ${event.message.ts}`)
  })
}
