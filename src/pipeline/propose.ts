import { policyOf } from '../domain/approval-policy.ts'
import type { Diagnosis } from '../domain/diagnosis.ts'
import type { Finding } from '../domain/finding.ts'
import { worstSeverity } from '../domain/finding.ts'
import type { Incident, Investigation } from '../domain/incident.ts'
import type { Plan, Remediation } from '../domain/remediation.ts'
import { failedPreflights } from '../domain/remediation.ts'
import type { RemediationSpec, Runbook } from '../domain/runbook.ts'
import type { Service } from '../domain/service.ts'
import type { FollowOn, RemediationContext, RemediationKind } from '../remediations/remediation.ts'
import { RemediationError } from '../remediations/remediation.ts'
import { orAborted } from './or-aborted.ts'
import type { Ports } from './ports.ts'
import { remediationContext } from './remediation-context.ts'
import { budgetExceeded } from './restart-budget.ts'

const PLAN_MS = 5_000

/** Where an offer comes from: what it rests on, and how its effect will be measured. */
export type Origin = Pick<
  Remediation,
  'investigationId' | 'hypothesis' | 'confidence' | 'severity' | 'verifyAfterMs' | 'verifyAgainAfterMs'
>

/** What the runbook offers for this diagnosis, planned against the live system. What cannot be done now is there too, with the reasons. */
export async function propose(
  ports: Ports,
  incident: Incident,
  {
    investigation,
    runbook,
    diagnosis,
    findings,
    service,
  }: {
    readonly investigation: Investigation
    readonly runbook: Runbook
    readonly diagnosis: Diagnosis
    readonly findings: readonly Finding[]
    readonly service: Service
  },
  signal: AbortSignal,
): Promise<readonly Remediation[]> {
  const { leading } = diagnosis
  if (leading === undefined || service.mode === 'observe') return []
  const severity = worstSeverity(findings)
  const origin: Origin = {
    investigationId: investigation.id,
    hypothesis: leading.id,
    confidence: leading.confidence,
    ...(severity && { severity }),
    verifyAfterMs: runbook.verifyAfterMs,
    verifyAgainAfterMs: runbook.verifyAgainAfterMs,
  }
  const isOffered = (spec: RemediationSpec) =>
    spec.when.includes(leading.id) && leading.confidence >= spec.minimumConfidence
  return offers(ports, service, incident.id, runbook.remediations.filter(isOffered), origin, signal)
}

/** Plans each of these, side by side, and what their preflights suggest instead. */
export async function offers(
  ports: Ports,
  service: Service,
  incidentId: string,
  wanted: readonly FollowOn[],
  origin: Origin,
  signal: AbortSignal,
): Promise<readonly Remediation[]> {
  const found = await Promise.all(
    wanted.map(async ({ kind: name, parameters }) => {
      const kind = ports.remediations.get(name)
      if (kind === undefined) return []
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(PLAN_MS)])
      const context = remediationContext(ports, service, incidentId, { signal: deadline })
      const plans = await plansFor(kind, context, parameters, service, ports)
      const made = await Promise.all(
        plans.map(async (plan) => offer(ports, service, kind, plan, origin, await budget(ports, kind, context, plan))),
      )
      const instead = plans.flatMap((plan) => plan.instead ?? [])
      return [...made, ...(await offers(ports, service, incidentId, instead, origin, signal))]
    }),
  )
  return found.flat()
}

/** A plan as an offer: open for a while, or closed from the start with the reasons. */
export function offer(
  ports: Pick<Ports, 'now' | 'newId'>,
  service: Service,
  kind: RemediationKind,
  plan: Plan,
  { verifyAfterMs, verifyAgainAfterMs, ...origin }: Origin,
  overBudget?: string,
): Remediation {
  const now = ports.now()
  const policy = policyOf(service, kind.kind)
  const needed = overBudget === undefined ? policy.approvals : Math.max(2, policy.approvals)
  return {
    id: ports.newId(),
    kind: kind.kind,
    title: kind.title,
    ...origin,
    plan,
    state: failedPreflights(plan).length === 0 ? 'proposed' : 'blocked',
    proposedAt: now,
    expiresAt: now + policy.expiresAfterMs,
    ...(needed > 1 && { approvalsNeeded: needed }),
    ...(overBudget !== undefined && { approvalsBecause: overBudget }),
    ...(policy.reasonRequired && { reasonRequired: true }),
    ...(kind.verify && verifyAfterMs !== undefined && { verifyAfterMs }),
    ...(kind.verify && verifyAgainAfterMs !== undefined && { verifyAgainAfterMs }),
  }
}

/** Why one more restart needs a second person; what cannot be remembered in time does not make it easier. */
async function budget(
  { remediations }: Pick<Ports, 'remediations'>,
  kind: RemediationKind,
  context: RemediationContext,
  plan: Plan,
): Promise<string | undefined> {
  const { workload } = plan.target
  if (!kind.restarts || workload === undefined) return undefined
  try {
    const past = await orAborted(context.history(workload), context.signal)
    const restarts = past.filter((one) => remediations.get(one.kind)?.restarts === true)
    return budgetExceeded(context.service, restarts, context.now())
  } catch {
    return 'how often it was restarted before could not be read'
  }
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
    const text = `Not offered: ${why ?? 'it could not be planned; the log says why.'}`
    return [
      {
        target: { service: service.name },
        button: kind.title,
        summary: kind.title,
        details: [],
        preflight: [{ what: 'plan', verdict: 'failed', text }],
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
