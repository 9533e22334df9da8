import type { IncidentEvent } from '../event.ts'
import type { Incident } from '../incident.ts'
import { firstWatch } from '../pre-alert.ts'
import type { Applied, ApplyContext } from './applied.ts'
import { changed, unchanged } from './applied.ts'
import { withRunning } from './investigation.ts'

/**
 * It is a schedule's turn: one more run of the checks, on the record of this watch. Left out while the run before it still goes on, and for a
 * watch that is closed: what comes next has a record of its own.
 */
export function applyCheckScheduled(
  incident: Incident | undefined,
  id: string,
  event: Extract<IncidentEvent, { type: 'check-scheduled' }>,
  { now }: ApplyContext,
): Applied {
  const watch = incident ?? watchOf(id, event, now)
  // Two schedules may have their turn at the same moment.
  const runId = `${id}~${event.schedule}~${event.slot}`
  const isLeftOut = watch.investigations.some(
    (one) => one.id === runId || (one.reason === 'scheduled' && one.state === 'running'),
  )
  if (watch.preAlert === undefined || watch.preAlert.state === 'closed' || isLeftOut) return unchanged(watch)
  return changed({
    ...withRunning(watch, { id: runId, reason: 'scheduled', now }),
    preAlert: { ...watch.preAlert, schedule: event.schedule },
  })
}

/** A service that is looked at, and of which there is nothing to say: neither live nor open. */
function watchOf(
  id: string,
  { schedule, service, runbook }: Extract<IncidentEvent, { type: 'check-scheduled' }>,
  now: number,
): Incident {
  return {
    id,
    origin: 'schedule',
    title: 'Pre-alert: memory is about to reach its limit',
    service,
    status: 'resolved',
    statusAt: now,
    openedAt: now,
    mergedFrom: [],
    live: false,
    preAlert: firstWatch(schedule, runbook),
    investigations: [],
    remediations: [],
    refusals: [],
  }
}
