import type { Approvers, RestartBudget, Service } from './service.ts'

/** Long enough to read, think and ask; short enough that the world has not moved on. */
export const OFFER_MS = 15 * 60_000
const BUDGET: RestartBudget = { restarts: 2, withinMs: 24 * 3_600_000 }

/** A policy with nothing left to look up. */
export interface EffectivePolicy {
  readonly approvers: Approvers
  readonly approvals: number
  readonly requesterMayApprove: boolean
  readonly expiresAfterMs: number
  readonly reasonRequired: boolean
}

/** What it takes to approve this kind of remediation for this service. */
export function policyOf(service: Service, kind: string): EffectivePolicy {
  const own = service.approval?.[kind] ?? {}
  return {
    approvers: own.approvers ?? service.approvers,
    approvals: own.approvals ?? 1,
    requesterMayApprove: own.requesterMayApprove ?? true,
    expiresAfterMs: own.expiresAfterMs ?? OFFER_MS,
    reasonRequired: own.reasonRequired ?? false,
  }
}

/** How many restarts of a workload one person may approve, within which time. */
export function restartBudgetOf(service: Service): RestartBudget {
  return service.restartBudget ?? BUDGET
}
