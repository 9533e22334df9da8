import { whileHeld } from './hold.ts'
import { idOfKey, projectionKey } from './keys.ts'
import type { CheckProgress, Hold, Ports, View } from './ports.ts'

/** Kept renewed, so that it is no longer than what a dead replica may hold up. */
const LEASE_MS = 15_000

/**
 * Brings Slack and PagerDuty together with the record. Level-triggered: derived from what is stored, safe to run at any time, and run
 * again until everything outside says what the record says.
 */
export async function project(
  ports: Ports,
  key: string,
  progressOf: (incidentId: string) => CheckProgress | undefined,
  signal: AbortSignal,
): Promise<void> {
  const id = idOfKey(key)
  const lease = await ports.store.acquire(`projecting:${id}`, ports.owner, LEASE_MS, ports.now())
  if (lease === undefined) {
    ports.jobs.wakeAt(key, ports.now() + 1_000)
    return
  }
  await whileHeld(ports, lease, LEASE_MS, new AbortController(), (held) =>
    bring(ports, key, progressOf, { ...held, signal: AbortSignal.any([signal, held.signal]) }),
  )
}

async function bring(
  ports: Ports,
  key: string,
  progressOf: (incidentId: string) => CheckProgress | undefined,
  hold: Hold,
): Promise<void> {
  const id = idOfKey(key)
  const due = await ports.store.dueItem(projectionKey(id))
  const stored = await ports.store.incident(id)
  if (stored === undefined) {
    if (due) await ports.store.settle(due)
    return
  }
  const incident = stored.value
  const service = incident.service === undefined ? undefined : ports.catalogue().byName(incident.service)
  const view: View = {
    incident,
    service,
    channel: incident.channel ?? service?.channel ?? ports.fallbackChannel,
    progress: progressOf(id),
    deliveries: await ports.store.deliveries(id),
    timelineEnd: await ports.store.timelineEnd(id),
    now: ports.now(),
  }
  const results = await Promise.allSettled(ports.projections.map((projection) => projection.reconcile(view, hold)))
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ name: ports.projections[index]?.name, error: result.reason as unknown }] : [],
  )
  for (const { name, error } of failed)
    ports.log.warn({ err: error, incident: id, projection: name }, 'Projection is behind')
  const again = results.flatMap((result) =>
    result.status === 'fulfilled' && result.value !== 'complete' ? [result.value.againAt] : [],
  )
  if (again.length > 0) {
    const at = Math.min(...again)
    await ports.store.markDue(projectionKey(id), at)
    ports.jobs.wakeAt(key, at)
  } else if (failed.length === 0 && due !== undefined) {
    await ports.store.settle(due)
  }
  if (failed.length > 0) throw new Error(`Projection of ${id} is incomplete`, { cause: failed[0]?.error })
}
