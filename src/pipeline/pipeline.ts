import type { IncidentEvent } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Step } from '../domain/steps.ts'
import { claim, nextSteps } from '../domain/steps.ts'
import { createActivities } from './activities.ts'
import type { Drained } from './conduct.ts'
import { conduct } from './conduct.ts'
import { investigate } from './investigate.ts'
import { idOfKey, incidentKey, projectionKey } from './keys.ts'
import type { CheckProgress, Ports } from './ports.ts'
import { project } from './project.ts'
import { execute, findOut, follow } from './remediate.ts'

export interface Pipeline {
  /** Stores an event durably and wakes its incident. `duplicate` when one of the keys was seen before. */
  receive(incidentId: string, event: IncidentEvent, dedupKeys: readonly string[]): Promise<'stored' | 'duplicate'>
  /** Handlers for `Jobs.start`. */
  readonly handlers: Readonly<Record<string, (key: string) => Promise<void>>>
  /** Ends what runs; what was under way is found again in the record. */
  stop(graceMs: number): Promise<void>
}

/** Joins the two paths: events drain into records, records say what must be under way, and projections follow. */
export function createPipeline(ports: Ports): Pipeline {
  const activities = createActivities(ports)
  const progress = new Map<string, CheckProgress>()
  const stopping = new AbortController()

  async function receive(
    incidentId: string,
    event: IncidentEvent,
    dedupKeys: readonly string[],
  ): Promise<'stored' | 'duplicate'> {
    const result = await ports.store.receive(incidentId, event, dedupKeys, ports.now())
    ports.meter.event(event.type, result)
    ports.jobs.wake(incidentKey(incidentId))
    return result
  }

  async function handleIncident(key: string): Promise<void> {
    const id = idOfKey(key)
    const result = await conduct(ports, id, (drained) => startSteps(drained))
    if (result === 'busy') ports.jobs.wakeAt(key, ports.now() + 1_000)
  }

  async function startSteps(drained: Drained): Promise<void> {
    // What begins now could not end: the record keeps it due for the next process.
    if (stopping.signal.aborted) return
    const steps = nextSteps(drained.incident)
    const wanted = new Set(steps.map((step) => activityKey(step)))
    // Checks of an incident that is over stop; a remediation is never cut off in the middle.
    activities.abortWhere((key) => key.startsWith(`investigate:${drained.incident.id}-`) && !wanted.has(key))
    for (const step of steps) {
      const started = await startStep(drained, step)
      if (started === 'held-elsewhere') ports.jobs.wakeAt(incidentKey(drained.incident.id), ports.now() + 5_000)
    }
  }

  function startStep(drained: Drained, step: Step): Promise<string> {
    const { incident } = drained
    const report = async (event: IncidentEvent, dedupKey: string) => {
      await receive(incident.id, event, [dedupKey])
    }
    const key = activityKey(step)
    switch (step.do) {
      case 'investigate':
        return activities.start(key, (signal) => runInvestigation(incident, step, report, signal))
      case 'execute':
        return activities.start(
          key,
          (signal) => execute(ports, { incident, remediation: step.remediation, report, signal }),
          () => claimed(drained, step.remediation.id),
        )
      case 'find-out':
        return activities.start(
          key,
          (signal) => findOut(ports, { incident, remediation: step.remediation, report, signal }),
          () => stillExecuting(incident.id, step.remediation.id),
        )
      case 'follow':
        return activities.start(key, (signal) =>
          follow(ports, { incident, remediation: step.remediation, report, signal }),
        )
    }
  }

  async function runInvestigation(
    incident: Incident,
    step: Extract<Step, { do: 'investigate' }>,
    report: (event: IncidentEvent, key: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await investigate(ports, incident, step.investigation, report, (now) => noteProgress(incident.id, now), signal)
    } finally {
      progress.delete(incident.id)
    }
  }

  function noteProgress(incidentId: string, now: CheckProgress): void {
    progress.set(incidentId, now)
    ports.jobs.wake(projectionKey(incidentId))
  }

  /** Committed before the effect: from here on nobody else can carry it out. */
  async function claimed(drained: Drained, remediationId: string): Promise<boolean> {
    const stored = await ports.store.incident(drained.incident.id)
    if (stored === undefined) return false
    const { value: incident, version } = stored
    if (incident.remediations.find((one) => one.id === remediationId)?.state !== 'approved') return false
    const result = await ports.store.commit({
      incident: claim(incident, remediationId, ports.now()),
      expectedVersion: version,
      lease: drained.lease,
      consumedUpTo: 0,
      timeline: [
        { at: ports.now(), actor: 'incbot', type: 'remediation.claimed', text: 'Starting', data: { remediationId } },
      ],
      due: [
        { key: incidentKey(incident.id), at: ports.now() },
        { key: projectionKey(incident.id), at: ports.now() },
      ],
    })
    return result === 'committed'
  }

  /** Asked under the executor's lease: whatever it had to report before it let go is in the record or in the inbox by now. */
  async function stillExecuting(incidentId: string, remediationId: string): Promise<boolean> {
    const [stored, inbox] = await Promise.all([ports.store.incident(incidentId), ports.store.inbox(incidentId, 1)])
    const state = stored?.value.remediations.find((one) => one.id === remediationId)?.state
    return inbox.length === 0 && state === 'executing'
  }

  return {
    receive,
    handlers: {
      incident: handleIncident,
      projection: (key) => project(ports, key, (id) => progress.get(id), stopping.signal),
    },
    async stop(graceMs) {
      stopping.abort(new Error('Shutting down'))
      // An effect that is under way is carried to its end: cut off, nobody would know whether it happened.
      await activities.stop(graceMs, (key) => key.startsWith('execute:'))
    },
  }
}

/** `execute` and `find-out` share a key: nobody may say "unknown" while the executor lives. */
function activityKey(step: Step): string {
  switch (step.do) {
    case 'investigate':
      return `investigate:${step.investigation.id}`
    case 'execute':
    case 'find-out':
      return `execute:${step.remediation.id}`
    case 'follow':
      return `follow:${step.remediation.id}`
  }
}
