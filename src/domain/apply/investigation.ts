import type { IncidentEvent } from '../event.ts'
import type { Incident, Investigation } from '../incident.ts'
import { withInvestigation } from '../incident.ts'
import { evidenceChange } from '../offers.ts'
import type { Remediation } from '../remediation.ts'
import { failedPreflights, isOpen, withdrawn } from '../remediation.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { applyScheduledResult } from './scheduled-result.ts'

/** The incident with one more investigation to run. */
export function startInvestigation(
  incident: Incident,
  reason: Investigation['reason'],
  now: number,
  verifies?: string,
): Incident {
  return withRunning(incident, { id: `${incident.id}-i${countOf(incident) + 1}`, reason, verifies, now })
}

/** How many there were, also where some are no longer kept: a number that was used stands for what was reported under it. */
function countOf({ investigations }: Incident): number {
  return Math.max(0, ...investigations.map(({ id }) => Number(/-i(\d+)$/.exec(id)?.[1] ?? 0)))
}

/** The incident with one more investigation under an id of the caller's. */
export function withRunning(
  incident: Incident,
  {
    id,
    reason,
    verifies,
    now,
  }: {
    readonly id: string
    readonly reason: Investigation['reason']
    readonly verifies?: string | undefined
    readonly now: number
  },
): Incident {
  const investigation: Investigation = {
    id,
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
  context: ApplyContext,
): Applied {
  const { now } = context
  const investigation = incident.investigations.find((one) => one.id === event.investigationId)
  if (investigation?.state !== 'running') return unchanged(incident)
  const finished = withInvestigation(incident, event.investigationId, {
    state: 'finished',
    finishedAt: now,
    findings: event.findings,
    ...(event.runbook !== undefined && { runbook: event.runbook }),
    ...(event.diagnosis && { diagnosis: event.diagnosis }),
    ...(event.followUp && { followUp: event.followUp }),
    ...(event.verdict && { verdict: event.verdict }),
    ...(event.nothing !== undefined && { nothing: event.nothing }),
    ...(event.related && { related: event.related }),
  })
  if (investigation.reason === 'scheduled') return applyScheduledResult(incident, finished, event, context)
  const superseded = finished.remediations.map((one) => {
    const why = whyWithdrawn(finished, one, investigation.reason)
    return why === undefined ? one : withdrawn(one, why, 'diagnosis-changed', now)
  })
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
        ...(event.proposals.length > 0 && { offered: event.proposals.map(offered) }),
      },
    },
  )
}

/** Also what was approved and has not begun: an approval is bound to what it was given for. */
function whyWithdrawn(
  finished: Incident,
  remediation: Remediation,
  reason: Investigation['reason'],
): string | undefined {
  if (remediation.state === 'approved') return evidenceChange(finished, remediation)
  if (!isOpen(remediation)) return undefined
  return reason === 'verification' ? evidenceChange(finished, remediation) : 'A newer diagnosis replaced this offer.'
}

/** What an auditor wants to know of an offer: what it was for, and what stood against it. */
function offered({ id, kind, state, plan, approvalsNeeded = 1 }: Remediation) {
  const { uid, generation } = plan.target
  const failed = failedPreflights(plan).map(({ text }) => text)
  return {
    id,
    kind,
    state,
    summary: plan.summary,
    approvalsNeeded,
    ...(uid !== undefined && { uid }),
    ...(generation !== undefined && { generation }),
    ...(failed.length > 0 && { failed }),
  }
}
