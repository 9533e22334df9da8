import type { IncidentEvent } from '../event.ts'
import type { Incident, Investigation } from '../incident.ts'
import { withInvestigation } from '../incident.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'

/** The incident with one more investigation to run. */
export function startInvestigation(
  incident: Incident,
  reason: Investigation['reason'],
  now: number,
  verifies?: string,
): Incident {
  const investigation: Investigation = {
    id: `${incident.id}-i${incident.investigations.length + 1}`,
    reason,
    ...(verifies !== undefined && { verifies }),
    state: 'running',
    startedAt: now,
    checks: 0,
    findings: [],
  }
  return { ...incident, investigations: [...incident.investigations, investigation] }
}

export function applyInvestigationStarted(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'investigation-started' }>,
): Applied {
  return changed(withInvestigation(incident, event.investigationId, { runbook: event.runbook, checks: event.checks }))
}

/** Results of an investigation that was cancelled meanwhile, or of one that ran twice after a crash, change nothing. */
export function applyInvestigationFinished(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'investigation-finished' }>,
  { now }: ApplyContext,
): Applied {
  const investigation = incident.investigations.find((one) => one.id === event.investigationId)
  if (investigation?.state !== 'running') return unchanged(incident)
  const finished = withInvestigation(incident, event.investigationId, {
    state: 'finished',
    finishedAt: now,
    findings: event.findings,
    ...(event.runbook !== undefined && { runbook: event.runbook }),
    ...(event.diagnosis && { diagnosis: event.diagnosis }),
    ...(event.followUp && { followUp: event.followUp }),
    ...(event.nothing !== undefined && { nothing: event.nothing }),
  })
  const superseded =
    investigation.reason === 'verification'
      ? finished.remediations
      : finished.remediations.map((one) =>
          one.state === 'proposed'
            ? {
                ...one,
                state: 'void' as const,
                finishedAt: now,
                outcome: { result: 'void' as const, text: 'A newer diagnosis replaced this offer.' },
              }
            : one,
        )
  return changed(
    { ...finished, remediations: [...superseded, ...event.proposals] },
    {
      at: now,
      actor: 'incbot',
      type: 'investigation.finished',
      text: event.diagnosis?.conclusion ?? event.nothing ?? 'Checks finished',
      data: {
        investigationId: event.investigationId,
        answered: event.diagnosis?.answered,
        asked: event.diagnosis?.asked,
      },
    },
  )
}
