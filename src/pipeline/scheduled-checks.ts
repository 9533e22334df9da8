import { setTimeout as sleep } from 'node:timers/promises'
import type { Incident } from '../domain/incident.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { ScheduledCheck } from '../domain/schedule/schedule.ts'
import type { Pipeline } from './pipeline.ts'
import type { Catalogue, Ports } from './ports.ts'
import type { Turns } from './slots.ts'

/** Data sources are not to be asked about every service in the same moment. */
const APART_MS = 20

/** An entry of `schedule:` as turns: each hands one event for each of its services to the pipeline, which does the rest. */
export function scheduledChecks(
  ports: Pick<Ports, 'store' | 'catalogue' | 'runbooks' | 'log'>,
  pipeline: Pick<Pipeline, 'receive'>,
  { name, rhythm, services, runbook }: ScheduledCheck,
): Turns {
  return {
    kind: 'schedule',
    name,
    rhythm,
    beginsAtOnce: true,
    async run(slot) {
      const found = ports.runbooks().find((one) => one.name === runbook)
      if (found === undefined)
        ports.log.error({ schedule: name, runbook }, 'A schedule names a runbook that is not there')
      for (const service of services ?? servicesFor(ports.catalogue(), found)) {
        const watch = await watchOf(ports.store, { service, runbook, slot })
        const event = { type: 'check-scheduled', schedule: name, service, runbook, slot } as const
        await pipeline.receive(watch, event, [`schedule:${name}@${slot}:${service}`])
        await sleep(APART_MS)
      }
    },
  }
}

/** All services that this runbook takes and whose memory can be looked at. */
function servicesFor({ services }: Catalogue, runbook: Runbook | undefined): readonly string[] {
  const taken = runbook?.match.services ?? []
  return services
    .filter(({ name, metrics }) => metrics !== undefined && (taken.length === 0 || taken.includes(name)))
    .map(({ name }) => name)
}

/** The records on which these schedules watch now; a quiet one is not open and may be older than any list of incidents goes back. */
export async function watchesOf(
  ports: Pick<Ports, 'store' | 'catalogue' | 'runbooks'>,
  schedules: readonly ScheduledCheck[],
): Promise<readonly Incident[]> {
  const names = schedules.flatMap(({ runbook, services }) => {
    const found = ports.runbooks().find(({ name }) => name === runbook)
    return (services ?? servicesFor(ports.catalogue(), found)).map((service) => watchName(runbook, service))
  })
  const watches: Incident[] = []
  for (const name of new Set(names)) {
    const id = await ports.store.setting(name)
    const stored = id === undefined ? undefined : await ports.store.incident(id)
    if (stored !== undefined) watches.push(stored.value)
  }
  return watches
}

function watchName(runbook: string, service: string): string {
  return `watch:${runbook}:${service}`
}

/**
 * The record on which a service is watched with a runbook: the same until its pre-alert is closed, then a new one. By service and runbook, so
 * that two schedules that find the same say it once.
 */
async function watchOf(
  store: Pick<Ports['store'], 'setting' | 'setSetting' | 'incident'>,
  { service, runbook, slot }: { readonly service: string; readonly runbook: string; readonly slot: number },
): Promise<string> {
  const name = watchName(runbook, service)
  const known = await store.setting(name)
  // One that is not there yet has its first event in the inbox, or gets it now.
  const record = known === undefined ? undefined : await store.incident(known)
  if (known !== undefined && record?.value.preAlert?.state !== 'closed') return known
  // No name has a tilde: two pairs of names never make one id.
  const fresh = `watch-${runbook}~${service}~${slot}`
  await store.setSetting(name, fresh)
  return fresh
}
