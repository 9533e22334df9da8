import { deployFreeze } from './deploy-freeze.ts'
import type { RemediationKind } from './remediation.ts'
import { rollingRestart } from './rolling-restart.ts'

/** Every kind of fix that a runbook may offer. */
export const remediationKinds: readonly RemediationKind[] = [rollingRestart, deployFreeze]
