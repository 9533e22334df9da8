import { ownStatus } from '../domain/apply/lifecycle.ts'
import { pagerDutyIncidentId } from '../domain/apply/pagerduty.ts'
import type { Incident } from '../domain/incident.ts'
import type { OwnStatus } from '../domain/status.ts'
import { type RunCoordinator, startSchedule } from '../ops/schedule.ts'
import type { Commands } from '../pipeline/commands.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'
import type { PagerDutyClient } from './client.ts'
import { PagerDutyError } from './errors.ts'
import type { RestIncidentFacts } from './incident-facts.ts'
import { missedEvent } from './missed.ts'

/** Counts sweeps, and the transitions that they brought and no webhook had. */
export interface SweepMeter {
  sweep(result: 'ok' | 'failed', missed: number): void
}

export interface PagerDutySweepOptions {
  readonly client: Pick<PagerDutyClient, 'openIncidents' | 'incident'>
  readonly catalogue: () => Catalogue
  readonly store: Pick<Store, 'incident' | 'incidents'>
  readonly commands: Pick<Commands, 'pagerDuty'>
  readonly everyMs: number
  /** One replica asks for all: a sweep that its replica did not live to end is made good by the next. */
  readonly coordinator?: RunCoordinator | undefined
  readonly log: Logger
  readonly meter?: SweepMeter
}

export interface PagerDutySweep {
  /** Ends the sweep that runs and waits for it. */
  stop(): Promise<void>
}

const PREFIX = pagerDutyIncidentId('')
const UNSEEN: OwnStatus = { status: 'triggered', statusAt: 0 }
const AT_ONCE = 4
/** Of the open incidents that we hold, the newest. */
const MOST_HELD = 1_000

/**
 * Finds at start and every `everyMs` what webhooks did not tell: incidents of catalogued services that are open and unknown to us, and
 * changes of those that we hold open. Webhook and sweep name a transition alike, so that neither doubles the other. While PagerDuty
 * cannot be asked, that is logged once.
 */
export function startPagerDutySweep(options: PagerDutySweepOptions): PagerDutySweep {
  const { everyMs, log, meter, coordinator } = options
  let outage = false

  async function run(signal: AbortSignal): Promise<void> {
    try {
      const missed = await sweep(options, signal)
      meter?.sweep('ok', missed)
      if (outage) log.info({}, 'PagerDuty answers the sweep again')
      outage = false
    } catch (error) {
      if (signal.aborted) return
      meter?.sweep('failed', 0)
      if (!outage) log.warn({ err: error }, 'PagerDuty cannot be swept; incidents without a webhook are not seen')
      outage = true
    }
  }

  return startSchedule({ name: 'pagerduty-sweep', everyMs, log, coordinator, run })
}

/** How many events it brought that were not stored before. Throws where PagerDuty or the store do not answer. */
async function sweep(options: PagerDutySweepOptions, signal: AbortSignal): Promise<number> {
  const { client, catalogue, store, commands, log } = options
  let missed = 0

  async function compare(facts: RestIncidentFacts): Promise<void> {
    const event = missedEvent((await recorded(facts.id)) ?? held.get(facts.id), facts)
    if (event === undefined || (await commands.pagerDuty(event)) === 'duplicate') return
    missed += 1
    log.info(
      { incident: facts.id, transition: event.transition, eventId: event.eventId },
      'The sweep found what no webhook had told',
    )
  }

  async function recorded(pagerDutyId: string): Promise<OwnStatus | undefined> {
    const known = await store.incident(pagerDutyIncidentId(pagerDutyId))
    return known && ownStatus(known.value)
  }

  // Read before PagerDuty is asked: a resolve within the same second is believed because of that.
  const held = new Map((await store.incidents({ open: true, limit: MOST_HELD })).flatMap(heldOpen))
  const serviceIds = catalogue().services.flatMap((service) => service.pagerdutyServiceIds)
  const open = await client.openIncidents([...new Set(serviceIds)], signal)
  await forEachOf(open, signal, compare)

  const listed = new Set(open.map(({ id }) => id))
  const gone = [...held.keys()].filter((id) => !listed.has(id))
  await forEachOf(gone, signal, async (id) => {
    const facts = await factsOf(client, id, signal)
    if (facts !== undefined) await compare(facts)
  })
  return missed
}

/** Incidents of PagerDuty's that an open record holds, its own and those that joined it, with the status that they have there. */
function heldOpen(incident: Incident): (readonly [string, OwnStatus])[] {
  const own = incident.id.startsWith(PREFIX) ? [[incident.id.slice(PREFIX.length), ownStatus(incident)] as const] : []
  const { open = [], first = [], last = [] } = incident.joined ?? {}
  const members = open
    .filter((id) => id.startsWith(PREFIX))
    .map((id) => {
      // Of most it is only known that they go on.
      const { status, statusAt } = [...first, ...last].find((one) => one.id === id) ?? UNSEEN
      return [id.slice(PREFIX.length), { status, statusAt }] as const
    })
  return [...own, ...members]
}

/** Undefined for one that this token may not see or that cannot be read: it must not hide the others. */
async function factsOf(client: Pick<PagerDutyClient, 'incident'>, id: string, signal: AbortSignal) {
  try {
    return await client.incident(id, signal)
  } catch (error) {
    const itsOwn = error instanceof PagerDutyError && ['not-found', 'forbidden', 'bad-answer'].includes(error.kind)
    if (itsOwn) return undefined
    throw error
  }
}

/** A few at a time; the first failure, or the signal, ends it. */
async function forEachOf<T extends string | object>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const worker = async (): Promise<void> => {
    try {
      for (let item = left.shift(); item !== undefined; item = left.shift()) {
        signal.throwIfAborted()
        await work(item)
      }
    } finally {
      left.length = 0
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
}
