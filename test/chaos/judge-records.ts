import { TRANSITIONS } from '../../src/domain/pagerduty-event.ts'
import { verifyTimeline } from '../../src/store/timeline-chain.ts'
import type { Evidence, Remembered } from './evidence.ts'
import { tally, type Violation } from './findings.ts'
import type { LivingIncident, Press } from './life.ts'
import type { Town } from './town.ts'
import type { SeenWebhook } from './webhook-relay.ts'

/** Whatever the bot acknowledged is in its records, and PagerDuty was told each thing once. */
export function judgeRecords(
  town: Town,
  evidence: Evidence,
  incidents: readonly LivingIncident[],
  webhooks: readonly SeenWebhook[],
  presses: readonly Press[],
): readonly Violation[] {
  const ofAll: readonly Violation[] =
    evidence.unread === 0 ? [] : [{ about: 'the store', what: `${evidence.unread} events were never applied` }]
  return [
    ...ofAll,
    ...webhooks.flatMap((webhook) => unheard(evidence, webhook)),
    ...incidents.flatMap((one) => {
      const remembered = evidence.remembered.get(one.id)
      if (remembered === undefined) return [{ about: one.id, what: 'is not in the store at all' }]
      return [
        ...wrongStatus(one, remembered),
        ...unfinished(one.id, remembered),
        ...lostPresses(one.id, remembered, presses),
        ...doubledNotes(town, one.id),
      ]
    }),
  ]
}

/** An acknowledged transition stands in the timeline, by its own id or, where the sweep of PagerDuty's REST was faster, by its moment. */
function unheard({ remembered }: Evidence, webhook: SeenWebhook): readonly Violation[] {
  const { eventId, eventType, incidentId, occurredAt, statuses } = webhook
  const wrong = statuses.filter((status) => status !== 0 && status !== 503 && status !== 202)
  if (wrong.length > 0) return [{ about: incidentId, what: `${eventType} ${eventId} was answered ${wrong.join(', ')}` }]
  const transition = TRANSITIONS.find((one) => `incident.${one}` === eventType)
  if (transition === undefined || !statuses.includes(202)) return []
  const entries = remembered.get(incidentId)?.timeline.filter(({ type }) => type === `pagerduty.${transition}`) ?? []
  if (entries.some(({ data }) => data?.eventId === eventId)) return []
  const second = occurredAt.slice(0, 19)
  const bySweep = entries.some(({ data }) => String(data?.occurredAt).slice(0, 19) === second)
  return bySweep
    ? []
    : [{ about: incidentId, what: `${eventType} of ${occurredAt} was acknowledged and is not in the timeline` }]
}

function wrongStatus({ id, status }: LivingIncident, { incident }: Remembered): readonly Violation[] {
  return incident.status === status
    ? []
    : [{ about: id, what: `PagerDuty says ${status}, the record ${incident.status}` }]
}

function unfinished(about: string, { incident, timeline }: Remembered): readonly Violation[] {
  const running = incident.investigations.filter(({ state }) => state === 'running').map(({ id }) => `${id} runs`)
  const hanging = incident.remediations
    .filter(({ state }) => state === 'approved' || state === 'executing' || state === 'following')
    .map(({ id, state }) => `${id} is ${state}`)
  const chain = verifyTimeline(timeline)
  const broken = chain.ok ? [] : [`its timeline is broken at ${chain.at}`]
  return [...running, ...hanging, ...broken].map((what) => ({ about, what }))
}

/** A command, such as one to lift a freeze that has ended meanwhile, may be refused as well: that is no answer to a press. */
function answersPress({ type, data }: Remembered['timeline'][number]): boolean {
  if (type !== 'refused') return type === 'remediation.approved'
  return data?.remediationId !== undefined || data?.code === 'unknown-proposal'
}

/** A press that Slack saw acknowledged was approved or refused, whatever happened to the process then. */
function lostPresses(about: string, { timeline }: Remembered, presses: readonly Press[]): readonly Violation[] {
  const mine = presses.filter(({ incidentId }) => incidentId === about)
  const taken = mine.filter((press) => press.taken).length
  const recorded = timeline.filter(answersPress).length
  if (recorded >= taken && recorded <= mine.length) return []
  return [{ about, what: `${mine.length} presses, ${taken} of them acknowledged, and ${recorded} on record` }]
}

function doubledNotes(town: Town, about: string): readonly Violation[] {
  const counts = tally(town.pagerduty.notes(about), ({ content }) => /incbot ref \w+/.exec(content)?.[0])
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([marker, count]) => ({ about, what: `${count} notes in PagerDuty with “${marker}”` }))
}
