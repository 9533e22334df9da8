import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { type Random, seededRandom } from '../../src/sandbox/world/random.ts'
import { createChronicle } from './chronicle.ts'
import { collect } from './evidence.ts'
import { counted, type Violation } from './findings.ts'
import { judgeEffects } from './judge-effects.ts'
import { judgeRecords } from './judge-records.ts'
import { buttonsOf, type LivingIncident, type Press } from './life.ts'
import { createMortalBot, type MortalBot } from './mortal-bot.ts'
import { reportTimes } from './report-times.ts'
import { watchRestarts } from './restarts.ts'
import { settled } from './settled.ts'
import { sized } from './size.ts'
import { APPROVER, channels, pagerDutyServiceId, SERVICES, serviceName, startTown, type Town } from './town.ts'

const KILLS = Number(process.env.INCBOT_CHAOS_KILLS ?? sized(20, 200))
const TOWNS = 2
const READY_MS = 30_000
const OFFERED_WITHIN_MS = 20_000
/** How long after its restart a bot may take to say what its last life left behind. */
const REPORTED_WITHIN_MS = 30_000
/** Later than this the bot says that it is still working on it. */
const TAKEN_WITHIN_MS = 2_000
const MAIN = join(process.env.INCBOT_DIST ?? 'dist', 'main.js')
const seed = Number(process.env.INCBOT_CHAOS_SEED ?? Date.now() % 1_000_000)

/** When it dies: between a press and what follows it, or between an effect and whoever hears of it. */
type Moment = 'after a press' | 'when the cluster took it' | 'while it was followed'
const MOMENTS: readonly [Moment, ...Moment[]] = [
  'after a press',
  'when the cluster took it',
  'when the cluster took it',
  'while it was followed',
]
/** A moment that does not come is not waited for. */
const PATIENCE_MS = 3_000

it(`restarts nothing twice and reports what was interrupted, when it is killed ${KILLS} times amid approvals and executions`, async () => {
  const began = Date.now()
  const ordeals = await Promise.allSettled(
    Array.from({ length: TOWNS }, (_, index) => ordeal(`town ${index}`, KILLS / TOWNS, seed + index)),
  )
  const failed = ordeals.find((one) => one.status === 'rejected')
  if (failed) throw new Error(`INCBOT_CHAOS_SEED=${seed}`, { cause: failed.reason })
  const verdicts = ordeals.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const all = <T>(of: (verdict: (typeof verdicts)[number]) => readonly T[]): readonly T[] => verdicts.flatMap(of)
  const reported = all((one) => one.reportedAfterMs).toSorted((left, right) => left - right)
  process.stderr.write(
    `chaos: seed ${seed}, ${KILLS} kills amid remediations, ${counted(all((one) => one.moments))}; ${all((one) => one.restarts).length} restarts for ${all((one) => one.states).length} approvals, ${counted(all((one) => one.states))}; ${reported.length} interrupted, reported ${reported.at(reported.length >> 1) ?? 0} ms after the restart in the median, ${reported.at(-1) ?? 0} ms at most; ${((Date.now() - began) / 1000).toFixed(0)} s\n`,
  )
  expect(all((one) => one.violations)).toEqual([])
  expect(verdicts.reduce((sum, { deaths }) => sum + deaths, 0)).toBe(KILLS)
  // A run in which nothing was interrupted would prove nothing.
  expect(reported.length).toBeGreaterThan(KILLS / 10)
}, 900_000)

async function ordeal(name: string, kills: number, townSeed: number) {
  const directory = await mkdtemp(join(tmpdir(), 'incbot-interrupted-'))
  const town = await startTown(directory, { podStartMs: 250 })
  const random = seededRandom(townSeed)
  const chronicle = createChronicle(name, Date.now())
  const bot = createMortalBot({ main: MAIN, env: town.env, opsUrl: town.opsUrl })
  town.pagerduty.subscribe({ url: `${town.url}/webhooks/pagerduty`, secrets: [town.webhookSecret] })
  const toldAt = new Map<string, number>()
  town.slack.on((event) => {
    if (event.type !== 'message') return
    const said = /:outcome:(\w+):unknown$/.exec(String(event.message.metadata?.event_payload.key))?.[1]
    if (said !== undefined && !toldAt.has(said)) toldAt.set(said, Date.now())
  })
  const watch = watchRestarts(town, ({ workload }) =>
    chronicle.note(undefined, `Kubernetes took a restart of ${workload}`),
  )
  const incidents: LivingIncident[] = []
  const presses: Press[] = []
  const moments: Moment[] = []
  bot.start()
  try {
    for (let round = 0; round < kills; round += 1) {
      await bot.ready(READY_MS)
      const service = round % SERVICES
      const { id } = town.pagerduty.trigger({ serviceId: pagerDutyServiceId(service), title: `Trouble ${round}` })
      incidents.push({ id, service: serviceName(service), status: 'triggered' })
      const offer = await offered(town, id, bot)
      const restartsBefore = watch.restarts.length
      const pressing = pressSeveralTimes(town, offer, random, presses)
      const moment = random.pick(MOMENTS)
      moments.push(moment)
      await comes(moment, () => watch.restarts.length > restartsBefore, random)
      bot.kill()
      chronicle.note(id, `--- kill -9 ${moment} ---`)
      await bot.gone()
      bot.start()
      await pressing
    }
    await bot.ready(READY_MS)
    await settled(town, bot)
    const code = await bot.stop()
    watch.stop()
    const evidence = await collect(
      town,
      incidents.map(({ id }) => id),
    )
    const reports = reportTimes(evidence, bot.births, toldAt)
    const late = reports.filter(({ afterMs }) => afterMs > REPORTED_WITHIN_MS)
    const violations: readonly Violation[] = [
      ...(code === 0 ? [] : [{ about: 'the bot', what: `ended with ${code} after SIGTERM` }]),
      ...late.map(({ id, afterMs }) => ({
        about: id,
        what: `was interrupted, and told ${afterMs} ms after the restart`,
      })),
      ...judgeRecords(town, evidence, incidents, [], presses),
      ...judgeEffects(town, evidence, watch.restarts),
    ]
    const remediations = [...evidence.remembered.values()].flatMap(({ incident }) => incident.remediations)
    return {
      deaths: bot.deaths,
      moments,
      restarts: watch.restarts,
      states: remediations.filter(({ approval }) => approval !== undefined).map(({ state }) => state),
      reportedAfterMs: reports.map(({ afterMs }) => afterMs).filter(Number.isFinite),
      violations: violations.map((one) => ({ ...one, story: chronicle.storyOf(one.about) })),
    }
  } finally {
    watch.stop()
    bot.kill()
    await bot.gone()
    await town.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

interface Offer {
  readonly channel: string
  readonly ts: string
  readonly actionId: string
  readonly incidentId: string
  readonly remediationId: string
}

/** The button of a restart on the incident's card. */
async function offered(town: Town, incidentId: string, bot: MortalBot): Promise<Offer> {
  const end = Date.now() + OFFERED_WITHIN_MS
  for (;;) {
    for (const channel of channels) {
      for (const message of town.slack.messages(channel)) {
        const button = buttonsOf(message).find((one) => one.incidentId === incidentId && one.text.startsWith('Restart'))
        if (button !== undefined) return { channel, ts: message.ts, ...button }
      }
    }
    if (Date.now() > end) throw new Error(`No restart was offered for ${incidentId}: ${bot.logs.slice(-4).join('\n')}`)
    await sleep(20)
  }
}

/** Twice at once, as an impatient finger does, and one of the two delivered once more; what did not get through is pressed again. */
async function pressSeveralTimes(town: Town, offer: Offer, random: Random, presses: Press[]): Promise<void> {
  const { channel, ts, actionId, incidentId, remediationId } = offer
  const once = async (): Promise<boolean> => {
    try {
      const delivery = await town.slack.click({ user: APPROVER, channel, ts, actionId })
      const taken = delivery.status === 200 && delivery.ackMs < TAKEN_WITHIN_MS
      presses.push({ incidentId, remediationId, user: APPROVER, taken })
      await town.slack.replay(delivery)
      return delivery.status === 200
    } catch {
      // The button is gone.
      return true
    }
  }
  const again = async (): Promise<void> => {
    for (let attempt = 0; attempt < 5 && !(await once()); attempt += 1) await sleep(400)
  }
  await Promise.all([again(), sleep(random.between(0, 60)).then(again)])
}

async function comes(moment: Moment, taken: () => boolean, random: Random): Promise<void> {
  if (moment === 'after a press') return sleep(random.between(0, 150)).then(() => undefined)
  const end = Date.now() + PATIENCE_MS
  while (!taken() && Date.now() < end) await sleep(1)
  if (moment === 'while it was followed') await sleep(random.between(50, 900))
}
