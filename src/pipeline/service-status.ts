import { type Freeze, type FreezeTerms, holds } from '../domain/freeze.ts'
import { type Incident, remediationOf } from '../domain/incident.ts'
import { isUnderWay } from '../domain/remediation.ts'
import type { Service } from '../domain/service.ts'
import type { Ports } from './ports.ts'
import type { Recall, Recalled } from './recall.ts'

export interface ServiceStatus {
  readonly service: Service
  /** The newest open ones, and others with something under way. */
  readonly incidents: readonly Incident[]
  readonly freezes: readonly FreezeStatus[]
}

/** `terms` is absent where the record of what made the freeze is not known. */
export interface FreezeStatus extends Freeze {
  readonly terms?: FreezeTerms
}

export interface StatusAnswer {
  readonly services: readonly ServiceStatus[]
  /** Where the store does not answer: when it said this, ms since the epoch. */
  readonly rememberedAt?: number
}

/** Open incidents of a service that are told. */
const OPEN = 5
/** Incidents of a service among which one with something under way is looked for. */
export const RECENT = 50

/** How services stand: as the store says, or, where it does not answer, as it said last. */
export function statusReader(
  { store, now, catalogue, log }: Pick<Ports, 'store' | 'now' | 'catalogue' | 'log'>,
  recall: Pick<Recall, 'last'>,
): (service: Service | undefined) => Promise<StatusAnswer | 'unknown'> {
  async function read(service: Service): Promise<ServiceStatus> {
    const [open, recent, freezes] = await Promise.all([
      store.incidents({ service: service.name, open: true, limit: OPEN }),
      store.incidents({ service: service.name, limit: RECENT }),
      store.activeFreezes(now(), service.name),
    ])
    // What is under way goes on when PagerDuty calls the incident resolved, and must be found to be stopped.
    const busy = recent.filter(
      ({ id, remediations }) => remediations.some(isUnderWay) && open.every((one) => one.id !== id),
    )
    const held = freezes.map(async (freeze) => withTerms(freeze, (await store.incident(freeze.incidentId))?.value))
    return { service, incidents: [...open, ...busy], freezes: await Promise.all(held) }
  }

  function remembered({ incidents, freezes }: Recalled, service: Service): ServiceStatus {
    const ofService = (one: Incident | Freeze): boolean => one.service === service.name
    return {
      service,
      incidents: incidents.filter(ofService).slice(0, OPEN),
      freezes: freezes
        .filter((freeze) => ofService(freeze) && holds(freeze, now()))
        .map((freeze) =>
          withTerms(
            freeze,
            incidents.find(({ id }) => id === freeze.incidentId),
          ),
        ),
    }
  }

  return async (service) => {
    const wanted = service === undefined ? catalogue().services : [service]
    const isTold = (one: ServiceStatus): boolean =>
      service !== undefined || one.incidents.length > 0 || one.freezes.length > 0
    try {
      return { services: (await Promise.all(wanted.map(read))).filter(isTold) }
    } catch (error) {
      log.warn({ err: error }, 'How services stand is not told by the store: it did not answer')
      const last = recall.last()
      if (last === undefined) return 'unknown'
      return { services: wanted.map((one) => remembered(last, one)).filter(isTold), rememberedAt: last.at }
    }
  }
}

/** The freeze itself is in one place, and what is known of it in the record of the incident that made it. */
function withTerms(freeze: Freeze, incident: Incident | undefined): FreezeStatus {
  const frozen = incident && remediationOf(incident, freeze.id)
  return frozen ? { ...freeze, terms: frozen.freeze ?? {} } : freeze
}
