import type { Logger, Projection, View } from '../pipeline/ports.ts'
import type { Delivery, Store } from '../store/store.ts'
import type { PagerDutyClient } from './client.ts'
import { PagerDutyError, type PagerDutyErrorKind } from './errors.ts'
import { type Note, notesOf, noteText } from './note-text.ts'

export interface PagerDutyProjectionOptions {
  /** Absent without an API token: then PagerDuty is told nothing. */
  readonly client: Pick<PagerDutyClient, 'notes' | 'addNote'> | undefined
  readonly store: Pick<Store, 'saveDelivery'>
  readonly log: Logger
  readonly now: () => number
  readonly withinMs?: number
}

/** `done`, or when to come back. */
type Step = 'done' | { readonly againAt: number }

/** Slack waits for the slower of the two, so that PagerDuty gets little time; what it does not manage is looked up later. */
const WITHIN_MS = 4_000
/** A request that got no answer may still be carried out for a while: only then is a missing note missing. */
const SETTLE_MS = 10_000
const TROUBLE_MS = 30_000
/** A conclusion that is a day old helps nobody on the incident. */
const GIVE_UP_MS = 24 * 3_600_000

/** Asking again would bring the same answer. */
const FINAL: readonly PagerDutyErrorKind[] = ['unauthorized', 'forbidden', 'not-found', 'invalid']

/**
 * Writes the conclusion of an incident's first diagnosis, what became of its remediations, and what they did, as notes on the PagerDuty incident,
 * each once, with the end of the timeline. The intent is stored before writing. A note of uncertain fate is looked for by its marker before it is written again; where the
 * notes cannot be read it is given up, since no note is better than two.
 *
 * PagerDuty's trouble never throws, because that would hold up Slack: it is logged once and tried again later.
 */
export function pagerDutyProjection(options: PagerDutyProjectionOptions): Projection {
  const { client, store, log, now, withinMs = WITHIN_MS } = options
  let troubled = false

  async function bring(note: Note, before: Delivery | undefined, about: About): Promise<Step> {
    const { api, incidentId, pagerDutyId, timelineEnd, signal, isHeld } = about
    const save = (change: Pick<Delivery, 'state'> & Partial<Delivery>) =>
      store.saveDelivery({ key: note.key, incidentId, updatedAt: now(), ...change })

    async function abandon(why: string): Promise<Step> {
      log.warn({ incident: incidentId, key: note.key, why }, 'PagerDuty note given up')
      await save({ state: 'abandoned', note: why })
      return 'done'
    }

    if (now() - note.since > GIVE_UP_MS) return abandon('PagerDuty could not be told for a day.')
    const settled = before === undefined ? 0 : Math.min(before.updatedAt, now()) + SETTLE_MS
    if (settled > now()) return { againAt: settled }
    try {
      const notes = before === undefined ? [] : await api.notes(pagerDutyId, signal)
      const found = notes.find(({ content }) => content.includes(note.marker))
      if (found === undefined) await save({ state: 'intended' })
      // Another replica may be writing it by now.
      if (!isHeld()) return { againAt: now() + SETTLE_MS }
      const { id } = found ?? (await api.addNote(pagerDutyId, noteText(note, timelineEnd), signal))
      await save({ state: 'sent', reference: id })
      recovered()
      return 'done'
    } catch (error) {
      if (!(error instanceof PagerDutyError)) throw error
      if (FINAL.includes(error.kind)) {
        const doubt = before === undefined ? '' : ' It may have been written: what stands there could not be read.'
        return abandon(`${error.message}${doubt}`)
      }
      return later(error, incidentId)
    }
  }

  function later(error: PagerDutyError, incident: string): Step {
    if (!troubled) log.warn({ err: error, incident }, 'PagerDuty note has to wait')
    troubled = true
    if (error.kind === 'rate-limited') return { againAt: now() + (error.retryAfterMs ?? TROUBLE_MS) }
    return { againAt: now() + (error.ambiguous ? SETTLE_MS : TROUBLE_MS) }
  }

  function recovered(): void {
    if (troubled) log.info({}, 'PagerDuty takes notes again')
    troubled = false
  }

  return {
    name: 'pagerduty',
    async reconcile({ incident, deliveries, timelineEnd }, { signal, isHeld }) {
      const pagerDutyId = incident.pagerduty?.incidentId
      if (client === undefined || pagerDutyId === undefined || !incident.live) return 'complete'
      const deliveryOf = (note: Note) => deliveries.find(({ key }) => key === note.key)
      const [next, ...others] = notesOf(incident).filter(
        (note) => (deliveryOf(note)?.state ?? 'intended') === 'intended',
      )
      if (next === undefined) return 'complete'
      const ending = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
      const about = { api: client, incidentId: incident.id, pagerDutyId, timelineEnd, signal: ending, isHeld }
      const step = await bring(next, deliveryOf(next), about)
      if (step !== 'done') return step
      // One at a time: all happens under a lease that is short.
      return others.length > 0 ? { againAt: now() } : 'complete'
    },
  }
}

interface About {
  readonly api: Pick<PagerDutyClient, 'notes' | 'addNote'>
  readonly incidentId: string
  readonly pagerDutyId: string
  readonly timelineEnd: View['timelineEnd']
  readonly signal: AbortSignal
  readonly isHeld: () => boolean
}
