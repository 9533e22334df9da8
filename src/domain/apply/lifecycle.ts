import type { Incident, Investigation } from '../incident.ts'
import type { Joined } from '../joined.ts'
import { openMembers } from '../joined.ts'
import { withoutOpenOffers } from '../remediation.ts'
import type { IncidentStatus, OwnStatus } from '../status.ts'

/** The status of the incident itself, apart from that of what joined it. */
export function ownStatus(incident: Incident): OwnStatus {
  return incident.joined?.own ?? { status: incident.status, statusAt: incident.statusAt }
}

/** The incident after its own status changed. It is over when all that joined it are over as well. */
export function withOwnStatus(incident: Incident, own: OwnStatus, now: number): Incident {
  const { joined } = incident
  if (joined === undefined) return moved(incident, own.status, own.statusAt, now)
  return withJoined(incident, { ...joined, own }, own.statusAt, now)
}

/** The incident after something changed among what joined it, at `at`. */
export function withJoined(incident: Incident, joined: Joined, at: number, now: number): Incident {
  const { own } = joined
  const goesOn: IncidentStatus = incident.status === 'resolved' ? 'triggered' : incident.status
  const status = own.status === 'resolved' && openMembers(joined) > 0 ? goesOn : own.status
  return moved({ ...incident, joined }, status, Math.max(at, incident.statusAt), now)
}

/** The higher of two urgencies. */
export function higher(left: Incident['urgency'], right: Incident['urgency']): Incident['urgency'] {
  return left === 'high' || right === 'high' ? 'high' : (left ?? right)
}

function moved(before: Incident, status: IncidentStatus, at: number, now: number): Incident {
  const next = { ...before, status, statusAt: at }
  if (status === 'resolved') return before.status === 'resolved' ? next : closed(next, at, now)
  return before.status === 'resolved' ? reopened(next) : next
}

function closed(incident: Incident, at: number, now: number): Incident {
  return {
    ...incident,
    resolvedAt: at,
    investigations: incident.investigations.map((one) => cancelled(one, now)),
    remediations: withoutOpenOffers(
      incident.remediations,
      'The incident was resolved before anybody pressed.',
      'incident-closed',
      now,
    ),
  }
}

/** A verification goes on after the resolve: what a remediation bought is worth knowing even then. */
function cancelled(investigation: Investigation, now: number): Investigation {
  const stops = investigation.state === 'running' && investigation.reason !== 'verification'
  return stops ? { ...investigation, state: 'cancelled', finishedAt: now } : investigation
}

function reopened(incident: Incident): Incident {
  const { resolvedAt: _over, mergedInto: _merged, ...open } = incident
  return { ...open, live: true }
}
