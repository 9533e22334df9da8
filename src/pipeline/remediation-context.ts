import { SourceError } from '../datasources/datasource.ts'
import type { Incident } from '../domain/incident.ts'
import { expand } from '../domain/promql.ts'
import type { Service } from '../domain/service.ts'
import type { FreezeLedger, PastExecution, RemediationContext } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { guardedWriter } from './guarded-writer.ts'
import type { Hold, Ports } from './ports.ts'

/** Incidents of a service that are looked through for what was done to a workload before. */
const REMEMBERED = 100

/** Everything that a kind of fix may look at and act through, for one service and one deadline. What only looks needs no lease. */
export function remediationContext(
  ports: Ports,
  service: Service,
  incidentId: string,
  { signal, isHeld }: Pick<Hold, 'signal'> & Partial<Hold>,
): RemediationContext {
  return {
    service,
    incidentId,
    now: ports.now,
    writer: (cluster) => (isHeld ? guardedWriter(ports.writer(cluster), { isHeld }) : ports.writer(cluster)),
    observer: ports.observer,
    freezes: freezeLedger(ports),
    measure: (query, within) => measure(ports, service, query, within),
    history: async ({ cluster, namespace, name }) => {
      const incidents = await ports.store.incidents({ service: service.name, limit: REMEMBERED })
      return pastExecutions(incidents, ({ workload }) =>
        workload === undefined
          ? false
          : workload.cluster === cluster && workload.namespace === namespace && workload.name === name,
      )
    },
    switchedOff: ports.switchedOff,
    signal,
  }
}

/** Whoever enforces freezes hears of a new one at once. */
function freezeLedger({ store, freezesChanged }: Ports): FreezeLedger {
  return {
    async addFreeze(freeze) {
      const stored = await store.addFreeze(freeze)
      freezesChanged()
      return stored
    },
    activeFreezes: (now, service) => store.activeFreezes(now, service),
  }
}

async function measure(
  ports: Ports,
  service: Service,
  query: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (service.metrics === undefined) throw new RemediationError('none', `${service.name} has no \`metrics\`.`)
  try {
    const { value } = await ports
      .sources(service)
      .metrics()
      .instant(expand(query, service.metrics), ports.now(), signal)
    const values = value.map((sample) => sample.value).filter(Number.isFinite)
    return values.length === 0 ? undefined : Math.max(...values)
  } catch (error) {
    if (error instanceof SourceError) throw new RemediationError('none', error.message, error)
    throw error
  }
}

/** What was carried out, or may have been, newest first. */
function pastExecutions(
  incidents: readonly Incident[],
  isSame: (target: Incident['remediations'][number]['plan']['target']) => boolean,
): readonly PastExecution[] {
  return incidents
    .flatMap(({ remediations }) => remediations)
    .filter((one) => isSame(one.plan.target))
    .flatMap(({ kind, executingSince, finishedAt, outcome, effect }): PastExecution[] => {
      const happened = effect !== undefined || outcome?.result === 'unknown'
      if (!happened || executingSince === undefined || finishedAt === undefined || outcome === undefined) return []
      return [{ kind, startedAt: executingSince, finishedAt, result: outcome.result }]
    })
    .toSorted((left, right) => right.startedAt - left.startedAt)
}
