import { advance, nextChangeAt } from '../domain/advance.ts'
import type { Applied, ApplyContext, RepeatableEffect } from '../domain/apply/index.ts'
import { apply } from '../domain/apply/index.ts'
import { type InboxEntry, type IncidentEvent, isKnown } from '../domain/event.ts'
import type { Incident } from '../domain/incident.ts'
import { nextSteps } from '../domain/steps.ts'
import type { TimelineEntry } from '../domain/timeline.ts'
import type { DueItem, Lease, Versioned } from '../store/store.ts'
import { foreseenBy } from './foreseen-by.ts'
import { incidentKey, projectionKey } from './keys.ts'
import { LOOK_AGAIN_MS, leftOut, understood } from './later-events.ts'
import { isFromMonitor, type Pace } from './pace.ts'
import type { Ports } from './ports.ts'
import { standingFor } from './standing.ts'

const LEASE_MS = 10_000
const BATCH = 50

/** How what comes in storms is worked off. */
export interface Tempo {
  /** How soon monitors' news that come often are shown. */
  readonly showing: Pace
  /**
   * Lets only so many changes that monitors alone caused be worked on at the same time: in a storm the next webhook must be heard before all that was
   * said is applied. What people do waits for nothing.
   */
  readonly inTurn: <T>(change: () => Promise<T>) => Promise<T>
}

/** An incident after its inbox was drained, still under its lease. */
export interface Drained {
  readonly incident: Incident
  readonly version: number
  readonly lease: Lease
}

/**
 * Drains an incident's inbox under its lease: applies the events in order, lets time pass, commits. Then hands the record to `then`
 * under the same lease, to start what the record says must be under way.
 *
 * Returns `busy` when another replica holds the lease; the caller comes back.
 */
export async function conduct(
  ports: Ports,
  id: string,
  tempo: Tempo,
  then: (drained: Drained) => Promise<void>,
): Promise<'done' | 'busy'> {
  const lease = await ports.store.acquire(incidentKey(id), ports.owner, LEASE_MS, ports.now())
  if (lease === undefined) return 'busy'
  try {
    const drained = await drain(ports, id, tempo, lease)
    if (drained !== undefined) await then(drained)
    return 'done'
  } finally {
    await ports.store.release(lease)
  }
}

async function drain(ports: Ports, id: string, { showing, inTurn }: Tempo, lease: Lease): Promise<Drained | undefined> {
  for (;;) {
    const due = await ports.store.dueItem(incidentKey(id))
    const [stored, all] = await Promise.all([ports.store.incident(id), ports.store.inbox(id, BATCH)])
    const { entries: inbox, isWaiting } = understood(all, ports.now())
    const isRoutine = inbox.every(({ event }) => isFromMonitor(event))
    // What waits for a later version keeps its incident due.
    const batch: Batch = { id, stored, inbox, due: isWaiting ? undefined : due, lease, isRoutine }
    const drained = await (batch.isRoutine
      ? inTurn(() => change(ports, batch, showing))
      : change(ports, batch, showing))
    if (isWaiting) lookAgain(ports, id)
    if (drained === undefined || isWaiting || inbox.length < BATCH) return drained
  }
}

function lookAgain(ports: Ports, id: string): void {
  ports.log.warn({ incident: id }, 'An event of a later version waits for a replica that knows it')
  ports.jobs.wakeAt(incidentKey(id), ports.now() + LOOK_AGAIN_MS)
}

/** What of an incident is applied together. */
interface Batch {
  readonly id: string
  readonly stored: Versioned<Incident> | undefined
  readonly inbox: readonly InboxEntry[]
  readonly due: DueItem | undefined
  readonly lease: Lease
  /** It comes from monitors alone. */
  readonly isRoutine: boolean
}

/** Applies events and lets time pass, in one change. Undefined where there is no incident yet. */
async function change(ports: Ports, batch: Batch, showing: Pace): Promise<Drained | undefined> {
  const { id, stored, inbox, due, lease, isRoutine } = batch
  const { incident, timeline } = await applyAll(ports, id, stored?.value, inbox)
  if (incident === undefined) {
    if (due !== undefined) await ports.store.settle(due)
    return undefined
  }
  const passed = advance(incident, ports.now())
  const version = stored?.version ?? 0
  const next = dueAfter(passed.incident, inbox.length > 0 || passed.timeline.length > 0, ports.now())
  const result = await ports.store.commit({
    incident: passed.incident,
    expectedVersion: version,
    lease,
    consumedUpTo: inbox.at(-1)?.sequence ?? 0,
    timeline: [...timeline, ...passed.timeline],
    ...(due && { settles: due }),
    due: next,
    endsGroup: passed.incident.status === 'resolved',
  })
  if (result === 'conflict') throw new Error(`Incident ${id} was changed by somebody who does not hold its lease`)
  // What comes from monitors alone, and often, is shown now and then.
  for (const { key, at } of wakeUps(passed.incident, next))
    if (isRoutine && key === projectionKey(id)) showing.news(key)
    else ports.jobs.wakeAt(key, at)
  return { incident: passed.incident, version: version + 1, lease }
}

/**
 * Events in order. What needs an incident that is not there yet waits for the event that makes one: PagerDuty keeps no order between
 * incidents, so a merge may be heard of before its target.
 */
async function applyAll(
  ports: Ports,
  id: string,
  before: Incident | undefined,
  inbox: readonly InboxEntry[],
): Promise<{ readonly incident: Incident | undefined; readonly timeline: readonly TimelineEntry[] }> {
  let incident = before
  const timeline: TimelineEntry[] = []
  let queue = [...inbox]
  let progressed = true
  while (progressed && queue.length > 0) {
    const waiting: InboxEntry[] = []
    for (const entry of queue) {
      const applied = await applyOne(ports, incident, id, entry.event)
      if (applied === undefined) {
        waiting.push(entry)
        continue
      }
      ports.meter.event(entry.event.type, 'applied')
      ports.meter.lag(ports.now() - entry.receivedAt)
      incident = applied.incident
      timeline.push(...applied.timeline)
    }
    progressed = waiting.length < queue.length
    queue = waiting
  }
  return { incident, timeline }
}

/** One event applied, its repeatable effects carried out before it can count. */
async function applyOne(
  ports: Ports,
  incident: Incident | undefined,
  id: string,
  event: IncidentEvent,
): Promise<Applied | undefined> {
  if (!isKnown(event)) return incident && { incident, timeline: [leftOut(event, ports.now())], effects: [] }
  const catalogue = ports.catalogue()
  const [standing, foreseen] = await Promise.all([
    standingFor(ports, incident, event),
    incident === undefined ? foreseenBy(ports, event) : undefined,
  ])
  const context: ApplyContext = {
    now: ports.now(),
    serviceByPagerDutyId: catalogue.byPagerDutyId,
    serviceByName: catalogue.byName,
    standing,
    ...(foreseen && { foreseenBy: foreseen }),
  }
  const applied = apply(incident, id, event, context)
  for (const effect of applied?.effects ?? []) await carryOut(ports, effect)
  return applied
}

async function carryOut(ports: Ports, effect: RepeatableEffect): Promise<void> {
  switch (effect.do) {
    case 'forward': {
      const { incidentId, event, key } = effect
      const receipt = await ports.store.receive({ incidentId, event, dedupKeys: [key] }, ports.now())
      return ports.jobs.wake(incidentKey(receipt.incidentId))
    }
    case 'lift-freeze':
      await ports.store.liftFreeze(effect.freezeId, effect.by, ports.now())
      return ports.freezesChanged()
    case 'extend-freeze':
      await ports.store.extendFreeze(effect.freezeId, effect.until)
      return ports.freezesChanged()
    case 'exempt-deploy':
      await ports.store.exemptDeploy(effect.freezeId, effect.exemption)
      return ports.freezesChanged()
  }
}

function dueAfter(incident: Incident, projecting: boolean, now: number): readonly Omit<DueItem, 'ticket'>[] {
  // What is under way lives in one process: the incident stays due until it has ended, so that whoever is there after a crash finds it.
  const later = isUnderWay(incident) ? now : nextChangeAt(incident)
  return [
    ...(later === undefined ? [] : [{ key: incidentKey(incident.id), at: later }]),
    ...(projecting ? [{ key: projectionKey(incident.id), at: now }] : []),
  ]
}

/** What is under way reports by itself; waking its incident for that would do nothing but wake it again. */
function wakeUps(incident: Incident, due: readonly Omit<DueItem, 'ticket'>[]): readonly Omit<DueItem, 'ticket'>[] {
  return isUnderWay(incident) ? due.filter(({ key }) => key !== incidentKey(incident.id)) : due
}

function isUnderWay(incident: Incident): boolean {
  return nextSteps(incident).length > 0
}
