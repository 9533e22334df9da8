import { deployFreeze } from './deploy-freeze.ts'
import { orderedRestart } from './ordered-restart.ts'
import type { RemediationKind } from './remediation.ts'
import { rollback } from './rollback.ts'
import { rollingRestart } from './rolling-restart.ts'
import { scaleOut } from './scale-out.ts'

/** Every kind of fix that a runbook may offer. */
export const remediationKinds: readonly RemediationKind[] = [
  rollingRestart,
  orderedRestart,
  rollback,
  scaleOut,
  deployFreeze,
]
