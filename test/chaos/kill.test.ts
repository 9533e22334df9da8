import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { seededRandom } from '../../src/sandbox/world/random.ts'
import { createChronicle } from './chronicle.ts'
import { collect } from './evidence.ts'
import { counted, type Violation } from './findings.ts'
import { judgeEffects } from './judge-effects.ts'
import { judgeRecords } from './judge-records.ts'
import { judgeSlack } from './judge-slack.ts'
import { live } from './life.ts'
import { createMortalBot } from './mortal-bot.ts'
import { startReaper } from './reaper.ts'
import { watchRestarts } from './restarts.ts'
import { settled } from './settled.ts'
import { sized } from './size.ts'
import { startTown } from './town.ts'
import { badWeather } from './weather.ts'
import { startWebhookRelay } from './webhook-relay.ts'

/** Several bots at the same time, each with its own town. */
const TOWNS = Array.from({ length: sized(1, 4) }, () => ({ kills: 13, incidents: 10 }))
const KILLS = TOWNS.reduce((sum, { kills }) => sum + kills, 0)
const STEPS = 13
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

it(`loses nothing, says nothing twice and does nothing twice when it is killed ${KILLS} times`, async () => {
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
  expect(sum((one) => one.deaths)).toBe(KILLS)
  expect(sum((one) => one.webhooks)).toBeGreaterThanOrEqual(KILLS * 10)
}, 300_000)

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

function described(kills: readonly ReadonlyMap<string, number>[]): string {
  return counted(kills.flatMap((one) => [...one].flatMap(([when, count]) => Array.from({ length: count }, () => when))))
}
