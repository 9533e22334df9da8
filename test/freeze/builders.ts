import type { Exemption, Freeze } from '../../src/domain/freeze.ts'
import type { Workload } from '../../src/domain/service.ts'
import type { GuardedFreeze } from '../../src/freeze/guard.ts'
import { aService, NOW } from '../builders.ts'

/** A freeze of inference's workloads, from 03:42 to 05:42 UTC, and the workloads that a guard holds. */
export function aGuardedFreeze(change: Partial<Freeze>, workloads: readonly Workload[]): GuardedFreeze {
  const freeze: Freeze = {
    id: 'F1',
    service: 'inference',
    scope: 'workload',
    incidentId: 'Q1',
    by: 'U0ANA',
    reason: 'memory grows with every deploy',
    since: NOW,
    until: NOW + 2 * 3_600_000,
    ...change,
  }
  return { freeze, service: aService({ workloads }), workloads }
}

export function anExemption(kind: Exemption['kind'], value: string): Exemption {
  return { kind, value, reason: 'it is the fix', by: 'U0ANA', at: NOW }
}
