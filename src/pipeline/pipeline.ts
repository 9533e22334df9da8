import pLimit from 'p-limit'
import type { IncidentEvent } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import type { Step } from '../domain/steps.ts'
import { claim, nextSteps } from '../domain/steps.ts'
import type { Arrival, Receipt } from '../store/store.ts'
import { type Activity, createActivities } from './activities.ts'
import { activityKey, belongsTo, leaseKey } from './activity-keys.ts'
import type { Drained } from './conduct.ts'
import { conduct } from './conduct.ts'
import { investigate } from './investigate.ts'
import { idOfKey, incidentKey, projectionKey } from './keys.ts'
import { createPace, isFromMonitor, isUrgent, type PaceOptions } from './pace.ts'
import type { CheckProgress, Hold, Ports } from './ports.ts'
import { project } from './project.ts'
import { execute, findOut, follow, halt } from './remediate.ts'

/** How long what another replica called off may still go on here. */
const WATCH_MS = 1_000

export interface Pipeline {
  /** Stores an event durably and wakes the incident that it belongs to. */
  arrive(arrival: Arrival): Promise<Receipt>
  /** The same for an event of an incident that joins no other. */
  receive(incidentId: string, event: IncidentEvent, dedupKeys: readonly string[]): Promise<'stored' | 'duplicate'>
  /** Whether the key's turn is planned: it was looked at just now, and news of it wait to be looked at together. */
  isPlanned(key: string): boolean
  /** Handlers for `Jobs.start`. */
  readonly handlers: Readonly<Record<string, (key: string) => Promise<void>>>
  /** Ends what runs; what was under way is found again in the record. */
  stop(graceMs: number): Promise<void>
}

/**
 * Monitors' news about an incident that is busy already are applied together, and shown together, as are checks that end: Slack takes few edits. In a
 * storm over many incidents each waits longer, those that begin at once begin one after the other, and what comes in is heard first.
 */
const PACE: PaceOptions = { everyMs: 1_000, apartMs: 100, firstsApartMs: 50, longestMs: 5_000 }
/** Incidents whose news from monitors are applied at the same time. */
const AT_ONCE = 4

/** Joins the two paths: events drain into records, records say what must be under way, and projections follow. */
export function createPipeline(ports: Ports): Pipeline {
  const activities = createActivities(ports)
  const progress = new Map<string, CheckProgress>()
  // One for each projection that runs: on a signal that outlives them, something of every one of them would stay.
  const projecting = new Set<AbortController>()
  let stopping = false
  const applying = createPace(PACE, ports.now, (key) => ports.jobs.wake(key))
  const showing = createPace(PACE, ports.now, (key) => ports.jobs.wake(key))
  const inTurn = pLimit(AT_ONCE)

  async function arrive(arrival: Arrival): Promise<Receipt> {
    const receipt = await ports.store.receive(arrival, ports.now())
    ports.meter.event(arrival.event.type, receipt.outcome)
    const key = incidentKey(receipt.incidentId)
    // Whoever pressed or reported something waits for it; of what monitors say only the first word is urgent.
    if (isFromMonitor(arrival.event)) applying.news(key, isUrgent(arrival.event))
    else ports.jobs.wake(key)
    return receipt
  }

  async function receive(
    incidentId: string,
    event: IncidentEvent,
    dedupKeys: readonly string[],
  ): Promise<'stored' | 'duplicate'> {
    return (await arrive({ incidentId, event, dedupKeys })).outcome
  }

  async function handleIncident(key: string): Promise<void> {
    const id = idOfKey(key)
    applying.looking(key)
    const result = await conduct(ports, id, { showing, inTurn }, (drained) => startSteps(drained))
    if (result === 'busy') ports.jobs.wakeAt(key, ports.now() + 1_000)
  }

  async function handleProjection(key: string): Promise<void> {
    // What is shown now would be shown again: it stays due for the next process.
    if (stopping) return
    showing.looking(key)
    const ending = new AbortController()
    projecting.add(ending)
    try {
      await project(ports, key, (id) => progress.get(id), ending.signal)
    } finally {
      projecting.delete(ending)
    }
  }

  async function startSteps(drained: Drained): Promise<void> {
    // What begins now could not end: the record keeps it due for the next process.
    if (stopping) return
    const steps = nextSteps(drained.incident)
    abortUnwanted(drained.incident, steps)
    for (const step of steps) {
      const started = await startStep(drained, step)
      if (started === 'held-elsewhere') ports.jobs.wakeAt(incidentKey(drained.incident.id), ports.now() + 5_000)
    }
  }

  function abortUnwanted(incident: Incident, steps: readonly Step[]): void {
    const wanted = new Set(steps.map((step) => activityKey(step)))
    // Checks of an incident that is over stop; a remediation is never cut off in the middle.
    activities.abortWhere((key) => belongsTo(key, incident.id) && !wanted.has(key))
    // Who watches an execution lets go of it when it must not go on.
    const halted = new Set(steps.flatMap((step) => (step.do === 'halt' ? [`follow:${step.remediation.id}`] : [])))
    activities.abortWhere((key) => halted.has(key))
  }

  function startStep(drained: Drained, step: Step): Promise<string> {
    const { incident } = drained
    const report = async (event: IncidentEvent, dedupKey: string) => {
      await receive(incident.id, event, [dedupKey])
    }
    const { id } = incident
    const start = (work: Activity['work'], before?: Activity['before']) =>
      activities.start({
        key: activityKey(step),
        lease: leaseKey(step),
        work: (hold) => watched(id, () => work(hold)),
        ...(before && { before }),
        letGo: () => ports.jobs.wake(incidentKey(id)),
      })
    if (step.do === 'investigate') return start(({ signal }) => runInvestigation(incident, step, report, signal))
    const { remediation } = step
    const work = (hold: Hold) => ({ incident, remediation, report, hold })
    switch (step.do) {
      case 'execute':
        return start(
          (hold) => execute(ports, work(hold)),
          () => claimed(drained, remediation.id),
        )
      case 'find-out':
        return start(
          (hold) => findOut(ports, work(hold)),
          () => stillExecuting(id, remediation.id),
        )
      case 'follow':
        return start((hold) => follow(ports, work(hold)))
      case 'halt':
        return start((hold) => halt(ports, work(hold)))
    }
  }

  /** The record may be changed by another replica, which cannot end what runs here: it is looked at now and then. */
  async function watched(incidentId: string, work: () => Promise<void>): Promise<void> {
    const look = async (): Promise<void> => {
      const stored = await ports.store.incident(incidentId)
      if (stored !== undefined) abortUnwanted(stored.value, nextSteps(stored.value))
    }
    const watch = setInterval(() => {
      look().catch((error: unknown) =>
        ports.log.warn({ err: error, incident: incidentId }, 'A record could not be read'),
      )
    }, WATCH_MS).unref()
    try {
      await work()
    } finally {
      clearInterval(watch)
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
    showing.news(projectionKey(incidentId))
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
    arrive,
    receive,
    isPlanned: (key) => applying.isPlanned(key) || showing.isPlanned(key),
    handlers: {
      incident: handleIncident,
      projection: handleProjection,
    },
    async stop(graceMs) {
      stopping = true
      applying.stop()
      showing.stop()
      for (const ending of projecting) ending.abort(new Error('Shutting down'))
      // An effect that is under way is carried to its end: cut off, nobody would know whether it happened.
      await activities.stop(graceMs, (key) => key.startsWith('execute:'))
    },
  }
}
