import type { Incident, RelatedIncident } from '../domain/incident.ts'
import type { Service } from '../domain/service.ts'
import type { Ports } from './ports.ts'

/** What broke longer before or after is another story. */
const WITHIN_MS = 3_600_000
const MOST_NEIGHBOURS = 10
const MOST_EACH = 3
const MOST = 5

/**
 * Other incidents that are open and began within an hour of this one: of the same service (another runbook, or another time), and of
 * services with a workload in the same namespace. The oldest first, a handful.
 */
export async function relatedTo(
  ports: Pick<Ports, 'store' | 'catalogue'>,
  incident: Incident,
): Promise<readonly RelatedIncident[]> {
  const { services, byName } = ports.catalogue()
  const service = incident.service === undefined ? undefined : byName(incident.service)
  if (service === undefined || incident.origin === 'command') return []
  const neighbours = services.filter((one) => one.name !== service.name && isNeighbour(one, service))
  const names = [service, ...neighbours.slice(0, MOST_NEIGHBOURS)].map(({ name }) => name)
  const open = await Promise.all(
    names.map((name) => ports.store.incidents({ service: name, open: true, limit: MOST_EACH + 1 })),
  )
  return open
    .flat()
    .filter((one) => one.id !== incident.id && one.live && one.origin !== 'command')
    .filter((one) => Math.abs(one.openedAt - incident.openedAt) <= WITHIN_MS)
    .toSorted((left, right) => left.openedAt - right.openedAt)
    .slice(0, MOST)
    .map(summary)
}

function isNeighbour(left: Service, right: Service): boolean {
  const places = new Set(right.workloads.map(placeOf))
  return left.workloads.some((one) => places.has(placeOf(one)))
}

function placeOf({ cluster, namespace }: Service['workloads'][number]): string {
  return `${cluster}/${namespace}`
}

function summary({ id, title, service, openedAt, pagerduty, alert }: Incident): RelatedIncident {
  const url = pagerduty?.url ?? alert?.url
  return { id, title, service: service ?? '', since: openedAt, ...(url !== undefined && { url }) }
}
