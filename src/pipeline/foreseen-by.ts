import type { IncidentEvent } from '../domain/event.ts'
import type { ForeseenBy } from '../domain/incident.ts'
import type { Ports } from './ports.ts'

/** Open records of a service among which its pre-alert is looked for; the newest. */
const LOOKED_AT = 50

/** The open pre-alert of the service of an incident that begins with this event; undefined where there is none. */
export async function foreseenBy(
  { store, catalogue }: Pick<Ports, 'store' | 'catalogue'>,
  event: IncidentEvent,
): Promise<ForeseenBy | undefined> {
  if (event.type !== 'pagerduty') return undefined
  const service = catalogue().byPagerDutyId(event.event.incident.serviceId)
  if (service === undefined) return undefined
  const open = await store.incidents({ service: service.name, open: true, limit: LOOKED_AT })
  const found = open.find(({ preAlert }) => preAlert?.state === 'open')
  if (found === undefined) return undefined
  const foreseen = found.preAlert?.foreseen
  return { incidentId: found.id, openedAt: found.openedAt, ...(foreseen && { at: foreseen.at }) }
}
