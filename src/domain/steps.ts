import type { Incident, Investigation } from './incident.ts'
import { withRemediation } from './incident.ts'
import type { Remediation } from './remediation.ts'

/** Work that takes time and must be under way for this incident; derived from the record alone, so that a crash forgets none. */
export type Step =
  | { readonly do: 'investigate'; readonly investigation: Investigation }
  | { readonly do: 'execute'; readonly remediation: Remediation }
  | { readonly do: 'follow'; readonly remediation: Remediation }
  /** It is under way and must not go on. May be repeated. */
  | { readonly do: 'halt'; readonly remediation: Remediation }
  /** Claimed, perhaps carried out, and whoever did it may be gone. */
  | { readonly do: 'find-out'; readonly remediation: Remediation }

export function nextSteps(incident: Incident): readonly Step[] {
  const investigating = incident.investigations
    .filter((one) => one.state === 'running')
    .map((investigation): Step => ({ do: 'investigate', investigation }))
  const remediating = incident.remediations.flatMap((remediation): Step[] => {
    if (remediation.state === 'approved') return [{ do: 'execute', remediation }]
    if (remediation.state === 'executing') return [{ do: 'find-out', remediation }]
    if (remediation.state === 'following') return [{ do: remediation.halt ? 'halt' : 'follow', remediation }]
    return []
  })
  return [...investigating, ...remediating]
}

/** `approved` → `executing`: committed before the effect, so that no one can carry it out twice. */
export function claim(incident: Incident, remediationId: string, now: number): Incident {
  return withRemediation(incident, remediationId, { state: 'executing', executingSince: now })
}
