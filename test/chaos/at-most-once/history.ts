import type { Incident } from '../../../src/domain/incident.ts'
import { isFinal, isOpen, type Remediation } from '../../../src/domain/remediation.ts'
import type { RecordedTimelineEntry } from '../../../src/domain/timeline.ts'
import { verifyTimeline } from '../../../src/store/timeline-chain.ts'
import { aWebhook, NOW } from '../../builders.ts'
import { memoryStore } from '../../fakes/memory-store.ts'
import { beBorn, type Life } from './bots.ts'
import { modelWorkload } from './workload.ts'

const INCIDENT = 'pd-Q1'
/** Turns in which nothing moves any more, before what is left counts as stuck. */
const QUIET_TURNS = 3
const PATIENCE = 4_000

/** A press, and whether the bot that took it said that it had. */
interface Pressed {
  readonly key: string
  answered: boolean
}

export type History = Awaited<ReturnType<typeof begin>>

/** Two bots over one store and one cluster, with an incident that has just been diagnosed and offers a restart. */
export async function begin() {
  const store = memoryStore()
  const workload = modelWorkload()
  const errors: unknown[] = []
  const begun: string[] = []
  const pressed: Pressed[] = []
  const found: string[] = []
  let clock = NOW
  let ids = 0
  let births = 0
  const surroundings = {
    store,
    workload,
    errors,
    begun,
    // No two looks at the clock are the same, so that a restart's mark, the moment of its approval, says whose it is.
    now: () => {
      clock += 1
      return clock
    },
    newId: () => {
      ids += 1
      return `r-${ids}`
    },
  }
  const born = (): Life => {
    births += 1
    return beBorn(`life-${births}`, surroundings)
  }
  const bots: [Life, Life] = [born(), born()]

  const history = {
    bots,
    workload,
    /** Lets some calls of one bot through. */
    async run(bot: 0 | 1, calls: number, index = 0): Promise<void> {
      for (let count = 0; count < calls; count += 1) {
        await bots[bot].gate.letThrough(index)
        await turn()
        inspectNow()
      }
    },
    async sweep(): Promise<void> {
      const due = await store.due(clock, 1_000)
      for (const bot of bots)
        bot.sweep(
          clock,
          due.map(({ key }) => key),
        )
      await turn()
    },
    async passTime(ms: number): Promise<void> {
      clock += ms
      await history.sweep()
    },
    async crash(bot: 0 | 1, halfDone: number): Promise<void> {
      await bots[bot].end(halfDone)
      await turn()
      inspectNow()
      bots[bot] = born()
      await history.sweep()
    },
    async press(bot: 0 | 1, user: string, choice: number, key: string): Promise<void> {
      const offers = (await incident())?.remediations ?? []
      const offer = offers.at(choice % Math.max(1, offers.length))
      if (offer === undefined) return
      take(key, bots[bot].commands.click(INCIDENT, offer.id, { workspace: 'T1', user }, 'C0ML', key))
      await turn()
    },
    async abort(bot: 0 | 1, key: string): Promise<void> {
      const underWay = (await incident())?.remediations.at(-1)
      if (underWay === undefined) return
      take(key, bots[bot].commands.abortOne(INCIDENT, underWay.id, { workspace: 'T1', user: 'U0ANA' }, 'C0ML', key))
      await turn()
    },
    /** PagerDuty closes and reopens the incident, which brings a fresh diagnosis and a fresh offer. */
    async reopen(bot: 0 | 1, count: number): Promise<void> {
      for (const [transition, status] of [
        ['resolved', 'resolved'],
        ['reopened', 'triggered'],
      ] as const) {
        const occurredAt = new Date(clock).toISOString()
        const event = aWebhook({ eventId: `E-${count}-${transition}`, transition, occurredAt, incident: { status } })
        bots[bot].commands.pagerDuty(event).catch(() => undefined)
        clock += 1_000
      }
      await turn()
    },
    /** What happened, for whoever wants to know whether enough did. */
    async tally() {
      const record = await incident()
      const count = (state: Remediation['state']) =>
        record?.remediations.filter((one) => one.state === state).length ?? 0
      return {
        effects: workload.restarts.length,
        unknown: count('unknown'),
        refused: record?.refusals.length ?? 0,
        approved: record?.remediations.filter(({ approval }) => approval !== undefined).length ?? 0,
        halted: count('halted'),
        endorsed: record?.remediations.filter(({ endorsements }) => endorsements !== undefined).length ?? 0,
      }
    },
    /** Nothing goes wrong any more: both bots work until nothing is left to do, and time passes. */
    async end(): Promise<readonly string[]> {
      await untilQuiet()
      for (const ms of [20_000, 60_000, 300_000, 1_200_000, 7_200_000]) {
        await history.passTime(ms)
        await untilQuiet()
      }
      return [...found, ...(await judge())]
    },
  }

  /** The same key is the same press, however often it is delivered; once a bot has said that it took it, it must be answered. */
  function take(key: string, taking: Promise<unknown>): void {
    const press = pressed.find((one) => one.key === key) ?? { key, answered: false }
    if (!pressed.includes(press)) pressed.push(press)
    taking.then(
      () => {
        press.answered = true
      },
      () => undefined,
    )
  }

  async function incident(): Promise<Incident | undefined> {
    return (await store.incident(INCIDENT))?.value
  }

  /** At no moment may there be two effects for one approval; the record is judged at the end. */
  function inspectNow(): void {
    for (const [what, list] of Object.entries({ 'carried out': workload.restarts, begun }))
      if (new Set(list).size < list.length) found.push(`${what} twice: ${list.join(', ')}`)
  }

  async function untilQuiet(): Promise<void> {
    let quiet = 0
    for (let turns = 0; quiet < QUIET_TURNS; turns += 1) {
      if (turns > PATIENCE) {
        found.push('the bots never came to rest')
        return
      }
      const busy = bots.some(({ gate }) => gate.waiting > 0)
      quiet = busy ? 0 : quiet + 1
      for (const { gate } of bots) await gate.letThrough()
      await turn()
      inspectNow()
    }
  }

  async function judge(): Promise<readonly string[]> {
    const record = await incident()
    const timeline = await store.timeline(INCIDENT)
    if (record === undefined) return ['the incident was lost']
    return [
      ...record.remediations.flatMap((one) => judgeRemediation(one, workload.restarts)),
      ...strayEffects(record, workload.restarts),
      ...lostPresses(pressed, record, timeline),
      ...(verifyTimeline(timeline).ok ? [] : ['the timeline is not whole']),
    ]
  }

  // The incident opens, is diagnosed and offers a restart before anything goes wrong.
  bots[0].commands.pagerDuty(aWebhook()).catch(() => undefined)
  await turn()
  await untilQuiet()
  return history
}

const stampOf = ({ approval }: Remediation): string => new Date(approval?.at ?? 0).toISOString()

/** What the record says against what the cluster saw. */
function judgeRemediation(one: Remediation, restarts: readonly string[]): readonly string[] {
  const effects = one.approval === undefined ? 0 : restarts.filter((stamp) => stamp === stampOf(one)).length
  const said = `${one.id} is ${one.state}${one.outcome ? ` (${one.outcome.text})` : ''}`
  if (effects > 1) return [`${said} and was carried out ${effects} times`]
  if (!isFinal(one.state) && !isOpen(one)) return [`${said}: silently lost on the way`]
  if (effects === 1 && !['succeeded', 'halted', 'unknown'].includes(one.state))
    return [`${said}, but it was carried out`]
  if (effects === 0 && (one.state === 'succeeded' || one.state === 'halted'))
    return [`${said}, but nothing was carried out`]
  return []
}

function strayEffects(record: Incident, restarts: readonly string[]): readonly string[] {
  const approved = new Set(record.remediations.filter((one) => one.approval !== undefined).map(stampOf))
  return restarts.filter((stamp) => !approved.has(stamp)).map((stamp) => `a restart ${stamp} that nobody approved`)
}

const ANSWERS: ReadonlySet<string> = new Set([
  'refused',
  'remediation.approved',
  'remediation.endorsed',
  'remediation.aborted',
  'remediation.abort-requested',
])

/** Each press that was taken had one answer: an approval, or a refusal that the person is told. */
function lostPresses(
  pressed: readonly Pressed[],
  record: Incident,
  timeline: readonly RecordedTimelineEntry[],
): readonly string[] {
  const answers = timeline.filter(({ type }) => ANSWERS.has(type)).length
  const taken = pressed.filter(({ answered }) => answered).length
  const refusals = new Set(record.refusals.map(({ id }) => id))
  const twice = record.refusals.length - refusals.size
  return [
    ...(answers < taken ? [`${taken} presses were taken and ${answers} answered`] : []),
    ...(answers > pressed.length ? [`${pressed.length} presses had ${answers} answers`] : []),
    ...(twice > 0 ? [`${twice} refusals were told twice`] : []),
  ]
}

/** Everything that needs no further call has happened by the next turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
