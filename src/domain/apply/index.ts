import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import { applyAbort, applyHaltWanted } from './abort.ts'
import { applyAlert } from './alert.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed } from './applied.ts'
import { applyEffect, applyOutcome, applyProgress, applyTargetChanged } from './execution.ts'
import {
  applyDeployBlocked,
  applyExemptRequested,
  applyExtendRequested,
  applyFreezeRequested,
  applySurveyed,
  applyUnfreezeRequested,
} from './freeze.ts'
import { applyInvestigationFinished, applyInvestigationStarted } from './investigation.ts'
import { applyPagerDuty } from './pagerduty.ts'
import { applyDiagnoseRequested } from './person.ts'
import { applyClick } from './press.ts'
import { applyCheckScheduled } from './scheduled.ts'

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
  if (event.type === 'pagerduty') return applyPagerDuty(incident, id, event.event, context)
  if (event.type === 'alert') return applyAlert(incident, id, event.alert, context)
  if (event.type === 'diagnose-requested') return applyDiagnoseRequested(incident, id, event, context)
  if (event.type === 'check-scheduled') return applyCheckScheduled(incident, id, event, context)
  if (event.type === 'freeze-requested') return applyFreezeRequested(incident, id, event, context)
  return incident && applyToExisting(incident, event, context)
}

type EventOfExisting = Exclude<
  IncidentEvent,
  { type: 'pagerduty' | 'alert' | 'diagnose-requested' | 'check-scheduled' | 'freeze-requested' }
>

function applyToExisting(incident: Incident, event: EventOfExisting, context: ApplyContext): Applied {
  switch (event.type) {
    case 'merged-from':
      return applyMergedFrom(incident, event.incidentId, context.now)
    case 'unfreeze-requested':
      return applyUnfreezeRequested(incident, event, context)
    case 'clicked':
      return applyClick(incident, event, context)
    case 'abort-requested':
      return applyAbort(incident, event, context)
    case 'extend-requested':
      return applyExtendRequested(incident, event, context)
    case 'exempt-requested':
      return applyExemptRequested(incident, event, context)
    case 'target-changed':
      return applyTargetChanged(incident, event, context)
    case 'halt-wanted':
      return applyHaltWanted(incident, event, context)
    case 'enforcement-surveyed':
      return applySurveyed(incident, event, context)
    case 'deploy-blocked':
      return applyDeployBlocked(incident, event)
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
