import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { seededRandom } from '../../src/sandbox/world/random.ts'
import { createChronicle } from './chronicle.ts'
import { collect } from './evidence.ts'
import type { Violation } from './findings.ts'
import { judgeEffects } from './judge-effects.ts'
import { judgeRecords } from './judge-records.ts'
import { judgeSlack } from './judge-slack.ts'
import { live } from './life.ts'
import { createMortalBot, type MortalBot } from './mortal-bot.ts'
import { startReaper } from './reaper.ts'
import { watchRestarts } from './restarts.ts'
import { startTown, type Town } from './town.ts'
import { badWeather } from './weather.ts'
import { startWebhookRelay } from './webhook-relay.ts'

/** Four bots at the same time, each with its own town, so that 50 deaths fit the patience of whoever runs the tests. */
const TOWNS = [
  { kills: 13, incidents: 10 },
  { kills: 13, incidents: 10 },
  { kills: 12, incidents: 10 },
  { kills: 12, incidents: 10 },
]
const STEPS = 13
const SETTLED_WITHIN_MS = 60_000
const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')

/** `INCBOT_CHAOS_SEED` repeats a run's plan; what the operating system makes of it differs all the same. */
const seed = Number(process.env.INCBOT_CHAOS_SEED ?? Date.now() % 1_000_000)

interface Verdict {
  readonly kills: ReadonlyMap<string, number>
  readonly deaths: number
  readonly webhooks: number
  readonly acknowledged: number
  readonly remediations: readonly string[]
  readonly violations: readonly (Violation & { readonly story: string })[]
}

it('loses nothing, says nothing twice and does nothing twice when it is killed 50 times', async () => {
  const began = Date.now()
  // All to their end, so that one that fails leaves no bot behind.
  const ordeals = await Promise.allSettled(TOWNS.map((plan, index) => ordeal(`town ${index}`, plan, seed + index)))
  const failed = ordeals.find((one) => one.status === 'rejected')
  if (failed) throw new Error(`INCBOT_CHAOS_SEED=${seed}`, { cause: failed.reason })
  const verdicts = ordeals.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0)
  const violations = verdicts.flatMap((one) => one.violations)
  process.stderr.write(
    `chaos: seed ${seed}, ${sum((one) => one.deaths)} kills (${described(verdicts.map((one) => one.kills))}), ${sum((one) => one.webhooks)} webhooks of which ${sum((one) => one.acknowledged)} were acknowledged, remediations ${counted(verdicts.flatMap((one) => one.remediations))}, ${((Date.now() - began) / 1000).toFixed(0)} s\n`,
  )
  const stories = violations.slice(0, 5).map(({ about, what, story }) => `${about}: ${what}\n${story}`)
  const others = violations.slice(5).map(({ about, what }) => `${about}: ${what.slice(0, 200)}`)
  if (violations.length > 0)
    throw new Error(
      `${violations.length} violations (INCBOT_CHAOS_SEED=${seed})\n${[...stories, ...others].join('\n\n')}`,
    )
  expect(sum((one) => one.deaths)).toBe(50)
  expect(sum((one) => one.webhooks)).toBeGreaterThanOrEqual(500)
}, 180_000)

async function ordeal(name: string, plan: (typeof TOWNS)[number], townSeed: number): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), 'incbot-chaos-'))
  const town = await startTown(directory)
  const random = seededRandom(townSeed)
  const chronicle = createChronicle(name, Date.now())
  const bot = createMortalBot({ main: MAIN, env: town.env, opsUrl: town.opsUrl })
  const relay = await startWebhookRelay({
    target: () => `${town.url}/webhooks/pagerduty`,
    onPass: () => reaper.at('webhook under way'),
    onAnswer: ({ incidentId, eventType }, status) =>
      chronicle.note(incidentId, `${eventType}: ${status || 'no answer'}`),
  })
  town.pagerduty.subscribe({ url: relay.url, secrets: [town.webhookSecret] })
  town.slack.on((event) => {
    if (event.type !== 'message' && event.type !== 'update') return
    const given = event.message.metadata?.event_payload.key
    const key = typeof given === 'string' ? given : 'a file'
    chronicle.note(/^slack:pd-(\w+)/.exec(key)?.[1], `Slack ${event.type} ${key} ${event.message.ts}`)
    reaper.at(event.type === 'message' ? 'Slack took a message' : 'Slack took an edit')
  })
  const watch = watchRestarts(town, ({ workload, stamp }) => {
    chronicle.note(undefined, `Kubernetes: restart of ${workload} ${stamp}`)
    reaper.at('Kubernetes took a restart')
  })
  bot.start()
  const reaper = startReaper({ bot, kills: plan.kills, random: seededRandom(townSeed + 1_000), chronicle })
  try {
    const life = live({ town, relay, random, chronicle, incidents: plan.incidents, steps: STEPS })
    const clearSky = new AbortController()
    const weather = badWeather(town, seededRandom(townSeed + 2_000), chronicle, clearSky.signal)
    await Promise.all([life.over, reaper.done])
    clearSky.abort()
    await weather
    await settled(town, bot)
    const code = await bot.stop()
    watch.stop()
    const evidence = await collect(
      town,
      life.incidents.map(({ id }) => id),
    )
    const webhooks = [...relay.seen.values()]
    const violations = [
      ...(code === 0 ? [] : [{ about: 'the bot', what: `ended with ${code} after SIGTERM` }]),
      ...bot.logs
        .filter((line) =>
          /Unhandled rejection|Activity failed|Check failed|does not hold its lease|"err":\{"type":"(Type|Range|Reference)Error/.test(
            line,
          ),
        )
        .map((line) => ({ about: 'the bot', what: `logged ${line.slice(0, 600)}` })),
      ...judgeRecords(town, evidence, life.incidents, webhooks, life.presses),
      ...judgeSlack(town, evidence),
      ...judgeEffects(town, evidence, watch.restarts),
    ]
    return {
      kills: reaper.kills,
      deaths: bot.deaths,
      webhooks: webhooks.reduce((total, { statuses }) => total + statuses.length, 0),
      acknowledged: webhooks.reduce((total, { statuses }) => total + statuses.filter((one) => one === 202).length, 0),
      remediations: [...evidence.remembered.values()].flatMap(({ incident }) =>
        incident.remediations.flatMap(({ state, approval }) => (approval === undefined ? [] : [state])),
      ),
      violations: violations.map((one) => ({ ...one, story: chronicle.storyOf(one.about) })),
    }
  } finally {
    watch.stop()
    bot.kill()
    await bot.gone()
    await Promise.all([relay.stop(), town.stop()])
    await rm(directory, { recursive: true, force: true })
  }
}

/** Nothing is under way any more: PagerDuty has delivered all, the bot has nothing due, and nobody has called for a while. */
async function settled(town: Town, bot: MortalBot): Promise<void> {
  await within(town.pagerduty.settled(), SETTLED_WITHIN_MS, 'PagerDuty to deliver its last webhook')
  const end = Date.now() + SETTLED_WITHIN_MS
  let quietSince = Date.now()
  let calls = -1
  for (;;) {
    const figures = await bot.metrics()
    const idle = ['incbot_inbox_events', 'incbot_due_items', 'incbot_jobs_waiting'].every(
      (one) => figures?.get(one) === 0,
    )
    const now = town.slack.calls.length + town.pagerduty.requests.length
    if (!idle || now !== calls) quietSince = Date.now()
    calls = now
    if (Date.now() - quietSince > 3_000) return
    if (Date.now() > end)
      throw new Error(
        `The bot did not settle within ${SETTLED_WITHIN_MS / 1000} s: ${JSON.stringify([...(figures ?? [])].filter(([key]) => /inbox|due|jobs_w|slack_calls_w/.test(key)))} ${bot.logs.slice(-8).join('\n')}`,
      )
    await sleep(100)
  }
}

async function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms / 1000} s for ${what}.`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function described(kills: readonly ReadonlyMap<string, number>[]): string {
  return counted(kills.flatMap((one) => [...one].flatMap(([when, count]) => Array.from({ length: count }, () => when))))
}

function counted(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ')
}
