import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
import { applyEffect, applyOutcome, applyProgress } from './execution.ts'
import { applyInvestigationFinished, applyInvestigationStarted } from './investigation.ts'
import { applyPagerDuty } from './pagerduty.ts'
import { applyClick, applyDiagnoseRequested, applyFreezeRequested, applyUnfreezeRequested } from './person.ts'

export type { Applied, ApplyContext, RepeatableEffect } from './applied.ts'

/**
 * An incident after one event. Pure; applying an event a second time changes nothing that matters.
 * `undefined` when the event belongs to an incident that does not exist and cannot make one: it is dropped, with a line in the log.
 */
export function apply(
  incident: Incident | undefined,
  id: string,
  event: IncidentEvent,
  context: ApplyContext,
): Applied | undefined {
  switch (event.type) {
    case 'pagerduty':
      return applyPagerDuty(incident, event.event, context)
    case 'diagnose-requested':
      return applyDiagnoseRequested(incident, id, event, context)
    case 'freeze-requested':
      return applyFreezeRequested(incident, id, event, context)
    case 'merged-from':
    case 'unfreeze-requested':
    case 'clicked':
    case 'investigation-started':
    case 'investigation-finished':
    case 'effect-applied':
    case 'execution-progressed':
    case 'execution-finished':
      return incident && applyToExisting(incident, event, context)
  }
}

type EventOfExisting = Exclude<IncidentEvent, { type: 'pagerduty' | 'diagnose-requested' | 'freeze-requested' }>

function applyToExisting(incident: Incident, event: EventOfExisting, context: ApplyContext): Applied {
  switch (event.type) {
    case 'merged-from':
      return applyMergedFrom(incident, event.incidentId, context.now)
    case 'unfreeze-requested':
      return applyUnfreezeRequested(incident, event, context)
    case 'clicked':
      return applyClick(incident, event, context)
    case 'investigation-started':
      return applyInvestigationStarted(incident, event)
    case 'investigation-finished':
      return applyInvestigationFinished(incident, event, context)
    case 'effect-applied':
      return applyEffect(incident, event, context)
    case 'execution-progressed':
      return applyProgress(incident, event)
    case 'execution-finished':
      return applyOutcome(incident, event, context)
  }
}

function applyMergedFrom(incident: Incident, from: string, now: number): Applied {
  if (incident.mergedFrom.includes(from)) return changed(incident)
  return changed(
    { ...incident, mergedFrom: [...incident.mergedFrom, from] },
    { at: now, actor: 'pagerduty', type: 'pagerduty.merged', text: `${from} was merged into this incident` },
  )
}
