import type { Service } from '../domain/service.ts'
import type { Catalogue } from './ports.ts'

/** The catalogue with both ways into it; a PagerDuty service belongs to one entry. */
export function createCatalogue(services: readonly Service[]): Catalogue {
  const byName = new Map(services.map((service) => [service.name, service]))
  const byPagerDutyId = new Map(services.flatMap((service) => service.pagerdutyServiceIds.map((id) => [id, service])))
  return { services, byName: (name) => byName.get(name), byPagerDutyId: (id) => byPagerDutyId.get(id) }
}
