import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import { remediationOf, withRemediation } from '../incident.ts'
import { isOpen } from '../remediation.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'

/** An open offer whose target is no longer what it was made for is withdrawn at once, not only when somebody presses. */
export function applyTargetChanged(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'target-changed' }>,
  { now }: ApplyContext,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  if (remediation === undefined || !isOpen(remediation)) return unchanged(incident)
  const outcome = { result: 'void', text: event.text, because: 'target-changed' } as const
  return changed(withRemediation(incident, remediation.id, { state: 'void', finishedAt: now, outcome }), {
    at: now,
    actor: 'incbot',
    type: 'remediation.void',
    text: event.text,
    data: { remediationId: remediation.id },
  })
}

/** The effect is known to have happened: from here on only reads follow. */
export function applyEffect(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'effect-applied' }>,
  { now }: ApplyContext,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  // `unknown` too: an executor that was thought dead may still report what it did, and that is better than not knowing.
  if (remediation?.state !== 'executing' && remediation?.state !== 'unknown') return unchanged(incident)
  const { outcome: _unknown, finishedAt: _then, ...open } = remediation
  return changed(
    {
      ...incident,
      remediations: incident.remediations.map((one) =>
        one.id === open.id ? { ...open, state: 'following', effect: event.effect } : one,
      ),
    },
    {
      at: now,
      actor: 'incbot',
      type: 'remediation.applied',
      text: `${remediation.title}: started`,
      data: { remediationId: remediation.id, ...event.effect },
    },
  )
}

export function applyProgress(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'execution-progressed' }>,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  if (remediation?.state !== 'following') return unchanged(incident)
  return changed(withRemediation(incident, event.remediationId, { progress: event.progress }))
}

export function applyOutcome(
  incident: Incident,
  event: Extract<IncidentEvent, { type: 'execution-finished' }>,
  { now }: ApplyContext,
): Applied {
  const remediation = remediationOf(incident, event.remediationId)
  if (remediation?.state !== 'executing' && remediation?.state !== 'following') return unchanged(incident)
  const { outcome } = event
  const finished = withRemediation(incident, event.remediationId, {
    state: outcome.result,
    outcome,
    finishedAt: now,
    ...(outcome.progress && { progress: outcome.progress }),
  })
  return changed(
    { ...finished, remediations: [...finished.remediations, ...(event.offers ?? [])] },
    {
      at: now,
      actor: 'incbot',
      type: `remediation.${outcome.result}`,
      text: outcome.text,
      data: { remediationId: remediation.id },
    },
  )
}
