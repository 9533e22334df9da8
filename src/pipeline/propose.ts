import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import type { Plan, Remediation } from '../domain/remediation.ts'
import type { Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import type { RemediationContext, RemediationKind } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { orAborted } from './or-aborted.ts'
import type { Ports } from './ports.ts'

/** Long enough to read, think and ask; short enough that the world has not moved on. */
export const OFFER_MS = 15 * 60_000
const PLAN_MS = 5_000

/** What the runbook offers for this diagnosis, planned against the live system. What cannot be done now is there too, with the reason and no button. */
export async function propose(
  ports: Ports,
  incident: Incident,
  investigation: Investigation,
  runbook: Runbook,
  diagnosis: Diagnosis,
  service: Service,
  signal: AbortSignal,
): Promise<readonly Remediation[]> {
  const { leading } = diagnosis
  if (leading === undefined || service.mode === 'observe') return []
  const offered = runbook.remediations.filter(
    (spec) => spec.when.includes(leading.id) && leading.confidence >= spec.minimumConfidence,
  )
  const proposals = await Promise.all(
    offered.map(async (spec) => {
      const kind = ports.remediations.get(spec.kind)
      if (kind === undefined) return []
      const context = remediationContext(
        ports,
        service,
        incident.id,
        AbortSignal.any([signal, AbortSignal.timeout(PLAN_MS)]),
      )
      const plans = await plansFor(kind, context, spec.parameters, service, ports)
      return plans.map((plan) =>
        offer(ports, kind, plan, {
          investigationId: investigation.id,
          hypothesis: leading.id,
          verifyAfterMs: runbook.verifyAfterMs,
        }),
      )
    }),
  )
  return proposals.flat()
}

/** A plan as an offer: open for a while, or closed from the start with the reason. */
export function offer(
  ports: Pick<Ports, 'now' | 'newId'>,
  kind: RemediationKind,
  plan: Plan,
  origin: { readonly investigationId?: string; readonly hypothesis?: string; readonly verifyAfterMs: number },
): Remediation {
  const now = ports.now()
  const { verifyAfterMs, ...from } = origin
  const blocked = plan.blocked
  return {
    id: ports.newId(),
    kind: kind.kind,
    title: kind.title,
    ...from,
    plan,
    state: blocked === undefined ? 'proposed' : 'void',
    ...(blocked !== undefined && { outcome: { result: 'void' as const, text: blocked }, finishedAt: now }),
    proposedAt: now,
    expiresAt: now + OFFER_MS,
    ...(kind.verify && { verifyAfterMs }),
  }
}

export function remediationContext(
  ports: Ports,
  service: Service,
  incidentId: string,
  signal: AbortSignal,
): RemediationContext {
  return { service, incidentId, now: ports.now, writer: ports.writer, freezes: ports.store, signal }
}

async function plansFor(
  kind: RemediationKind,
  context: RemediationContext,
  parameters: unknown,
  service: Service,
  ports: Ports,
): Promise<readonly Plan[]> {
  try {
    return await orAborted(kind.plan(context, parameters), context.signal)
  } catch (error) {
    const why = whyNot(error, context.signal)
    if (why === undefined)
      ports.log.error({ err: error, kind: kind.kind, service: service.name }, 'Planning a remediation failed')
    return [
      {
        target: { service: service.name },
        button: kind.title,
        summary: kind.title,
        details: [],
        blocked: `Not offered: ${why ?? 'it could not be planned; the log says why.'}`,
        parameters: {},
      },
    ]
  }
}

/** The reason where it is one for people; undefined for a bug. */
function whyNot(error: unknown, signal: AbortSignal): string | undefined {
  if (error instanceof RemediationError) return error.message
  return signal.aborted ? `it could not be planned within ${PLAN_MS / 1_000} s.` : undefined
}
