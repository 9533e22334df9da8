import type { Chart } from '../domain/chart.ts'
import type { Hold, Logger, Projection, View } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'
import { uploadBytes } from './api.ts'
import { deliverCard } from './deliver/card.ts'
import { deliverChart } from './deliver/chart.ts'
import type { Desk } from './deliver/desk.ts'
import { createKeptBack } from './deliver/kept-back.ts'
import { createLedger } from './deliver/ledger.ts'
import { createProgress } from './deliver/progress.ts'
import { deliverPost, deliverRefusal, type Thread } from './deliver/thread.ts'
import { cardKey, planCard, planThread } from './desired.ts'
import { SlackError } from './errors.ts'
import type { SlackMeter } from './meter.ts'
import { OUTBOX_FULL, type Outbox } from './outbox.ts'

export interface SlackProjectionDeps {
  readonly outbox: Outbox
  readonly store: Pick<Store, 'saveDelivery'>
  /** A PNG. */
  readonly renderChart: (chart: Chart) => Promise<Uint8Array>
  readonly fallbackChannel: string | undefined
  readonly now: () => number
  readonly log: Logger
  readonly meter?: SlackMeter
  readonly upload?: (url: string, bytes: Uint8Array, signal: AbortSignal) => Promise<void>
}

/** After a call whose fate is not known, until Slack's own history can be trusted to show it. */
const SETTLING_MS = 2_000
/** After an edit that an older one, whose fate is not known, may still overtake. */
const REPEAT_EDIT_MS = 5_000

/**
 * Brings Slack together with the record: one message per incident, edited in place, with details and charts in its thread. What is to be
 * sent is stored before it is sent, so that after any crash it is looked for rather than sent again.
 */
export function slackProjection(deps: SlackProjectionDeps): Projection {
  const { outbox, store, renderChart, fallbackChannel, now, log, meter, upload = uploadBytes } = deps
  const progress = createProgress()
  const keptBack = createKeptBack(now)
  const toldHomeless = new Set<string>()

  function homeless({ incident }: View): 'complete' {
    if (!toldHomeless.has(incident.id)) {
      log.error({ incident: incident.id }, 'No Slack channel is configured for this incident; nothing is posted')
      toldHomeless.add(incident.id)
    }
    return 'complete'
  }

  async function bring(view: View, channel: string, hold: Hold): Promise<'complete' | { readonly againAt: number }> {
    const { incident } = view
    const ledger = createLedger(incident.id, view.deliveries, store, now, hold.isHeld)
    const desk: Desk = { outbox, ledger, log, meter, now, keptBack, hold, renderChart, upload }
    const desired = planThread(view)
    const key = cardKey(incident)
    const card = () => planCard({ ...view, deliveries: ledger.all() })
    const run = createRun(now, log)

    await run.step(async () => {
      const delivery = await deliverCard({ ...desk, key, card, channel, fallbackChannel, progress })
      if (delivery.state === 'sent' && delivery.contentHash === undefined) run.again(now() + REPEAT_EDIT_MS)
    })
    for (const refusal of desired.refusals) await run.step(() => deliverRefusal(desk, refusal))
    const thread = threadOf(ledger.of(key))
    if (thread === undefined) return run.end()
    const abandonedBefore = abandoned(ledger.all())
    for (const post of desired.posts) await run.step(() => deliverPost(desk, thread, post))
    // One chart in each run: what happens to the incident meanwhile must not wait for all of them.
    const [chart, ...more] = desired.charts.filter(({ key }) => isOpen(ledger.of(key)))
    if (chart !== undefined) await run.step(() => deliverChart(desk, thread, chart))
    if (chart !== undefined && more.length > 0 && !isOpen(ledger.of(chart.key))) run.again(now())
    if (abandoned(ledger.all()) > abandonedBefore) run.again(now())
    return run.end()
  }

  return {
    name: 'slack',
    async reconcile(view, hold) {
      const { channel, incident } = view
      if (!incident.live) return 'complete'
      if (channel === undefined) return homeless(view)
      try {
        return await bring(view, channel, hold)
      } finally {
        await progress.settled(cardKey(incident))
      }
    },
  }
}

/** Steps that do not keep each other from being tried, and what became of all of them. */
function createRun(now: () => number, log: Logger) {
  const agains: number[] = []
  const failures: unknown[] = []
  return {
    async step(work: () => Promise<void>): Promise<void> {
      try {
        await work()
      } catch (error) {
        const wait = waitAfter(error)
        if (wait === undefined) failures.push(error)
        else {
          // In a storm our own limits keep something back all the time; that Slack does is news.
          const routine = error instanceof SlackError && error.code === OUTBOX_FULL
          log[routine ? 'debug' : 'info']({ err: error, againInMs: wait }, 'Slack is behind the record')
          agains.push(now() + wait)
        }
      }
    },
    again(at: number): void {
      agains.push(at)
    },
    /** Throws the first failure that only time or an administrator can mend, so that the next run is put off further each time. */
    end(): 'complete' | { readonly againAt: number } {
      if (failures.length > 0) throw failures[0]
      return agains.length === 0 ? 'complete' : { againAt: Math.min(...agains) }
    },
  }
}

/** ms until it makes sense to try again; undefined for failures that do not say. */
function waitAfter(error: unknown): number | undefined {
  if (!(error instanceof SlackError)) return undefined
  if (error.kind === 'rate-limited') return error.retryAfterMs ?? SETTLING_MS
  return error.kind === 'ambiguous' ? SETTLING_MS : undefined
}

function threadOf(
  card: { readonly channel?: string; readonly reference?: string; readonly state: string } | undefined,
): Thread | undefined {
  if (card?.state !== 'sent' || card.channel === undefined || card.reference === undefined) return undefined
  return { channel: card.channel, threadTs: card.reference }
}

function isOpen(delivery: { readonly state: string } | undefined): boolean {
  return delivery === undefined || delivery.state === 'intended'
}

function abandoned(deliveries: readonly { readonly state: string }[]): number {
  return deliveries.filter(({ state }) => state === 'abandoned').length
}
