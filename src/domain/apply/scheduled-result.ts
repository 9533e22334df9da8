import type { IncidentEvent } from '../event.ts'
import type { Incident, Investigation } from '../incident.ts'
import { withInvestigation } from '../incident.ts'
import { evidenceChange } from '../offers.ts'
import { type PreAlertDecision, preAlert } from '../pre-alert.ts'
import type { Remediation } from '../remediation.ts'
import { isOpen, withdrawn, withoutOpenOffers } from '../remediation.ts'
import { workingHoursOf } from '../schedule/working-hours.ts'
import type { TimelineEntry } from '../timeline.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'

type Finished = Extract<IncidentEvent, { type: 'investigation-finished' }>

/**
 * The end of a scheduled run: opens the pre-alert, brings it up to date, makes it news once more, or closes it. `before` is the incident with
 * the run still going on, `finished` with what it found. Of runs without news only the newest is kept, so that a record that is looked at
 * every few minutes for months does not grow.
 */
export function applyScheduledResult(
  before: Incident,
  finished: Incident,
  event: Finished,
  { now, serviceByName }: ApplyContext,
): Applied {
  const service = before.service === undefined ? undefined : serviceByName(before.service)
  if (before.preAlert === undefined) return unchanged(finished)
  const prediction = event.prediction ?? { is: 'unknown', why: event.nothing ?? 'The run told nothing.' }
  const decision = preAlert(prediction, workingHoursOf(service ?? {}), before.preAlert, now)
  // What could not tell takes nothing away: the card goes on showing what was known last.
  const kept =
    prediction.is === 'unknown' ? without(before, event.investigationId) : keepNews(finished, event, decision)
  const offers = prediction.is === 'unknown' ? kept.remediations : offersAfter(kept, event.proposals, now)
  const next = { ...kept, remediations: offers, preAlert: decision.next }
  return changed(pruned(withStatus(next, decision, now)), ...timelineOf(before, decision, event, now))
}

function without(incident: Incident, investigationId: string): Incident {
  return { ...incident, investigations: incident.investigations.filter(({ id }) => id !== investigationId) }
}

function keepNews(finished: Incident, { investigationId }: Finished, decision: PreAlertDecision): Incident {
  const isNews = decision.do === 'open' || decision.do === 'escalate'
  return isNews ? finished : withInvestigation(finished, investigationId, { isQuiet: true })
}

/** An offer stands as long as its evidence does, or until there are newer ones: a button that changed with every run could hardly be pressed. */
function offersAfter(incident: Incident, proposals: readonly Remediation[], now: number): readonly Remediation[] {
  const standing = incident.remediations.map((one) => {
    const why = whyWithdrawn(incident, one, proposals.length > 0)
    return why === undefined ? one : withdrawn(one, why, 'diagnosis-changed', now)
  })
  return [...standing, ...proposals]
}

function whyWithdrawn(incident: Incident, offer: Remediation, isReplaced: boolean): string | undefined {
  if (isOpen(offer) && isReplaced) return 'A newer diagnosis replaced this offer.'
  return isOpen(offer) || offer.state === 'approved' ? evidenceChange(incident, offer) : undefined
}

function withStatus(incident: Incident, decision: PreAlertDecision, now: number): Incident {
  switch (decision.do) {
    case 'open':
      return { ...incident, live: true, status: 'triggered', statusAt: now, openedAt: now }
    case 'clear': {
      const text = 'The pre-alert was over before anybody pressed.'
      const remediations = withoutOpenOffers(incident.remediations, text, 'incident-closed', now)
      return { ...incident, status: 'resolved', statusAt: now, resolvedAt: now, remediations }
    }
    case 'update':
    case 'escalate':
    case 'quiet':
      return incident
  }
}

/** Without runs that had no news and on which nothing rests, except the newest, and without offers that nobody took. */
function pruned(incident: Incident): Incident {
  const remediations = incident.remediations.filter(
    ({ state, approval, endorsements }) => state !== 'void' || approval !== undefined || endorsements !== undefined,
  )
  const used = new Set(remediations.map(({ investigationId }) => investigationId))
  const newest = incident.investigations.findLast(({ isQuiet }) => isQuiet === true)?.id
  const isKept = ({ id, isQuiet }: Investigation): boolean => isQuiet !== true || id === newest || used.has(id)
  return { ...incident, remediations, investigations: incident.investigations.filter(isKept) }
}

/** Only what is news: a quiet run leaves no trace in the timeline. */
function timelineOf(before: Incident, decision: PreAlertDecision, event: Finished, now: number): TimelineEntry[] {
  const { do: did, because, next } = decision
  const entry = (type: string, text: string): TimelineEntry => ({
    at: now,
    actor: 'incbot',
    type,
    text,
    data: {
      investigationId: event.investigationId,
      schedule: next.schedule,
      ...(next.foreseen && { limitAt: next.foreseen.at }),
    },
  })
  if (did === 'open') return [entry('pre-alert.opened', event.diagnosis?.conclusion ?? because)]
  if (did === 'escalate') return [entry('pre-alert.escalated', because)]
  if (did === 'clear') return [entry('pre-alert.closed', because)]
  const isNewDoubt = next.unknown !== undefined && before.preAlert?.unknown === undefined
  return isNewDoubt ? [entry('pre-alert.unknown', because)] : []
}
