import type { Remediation } from '../../domain/remediation.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { podsList } from './pods.ts'
import { remediationLine } from './remediation.ts'

/** How a remediation ended, with each pod. */
export function renderOutcome(remediation: Remediation): Content {
  return content([remediationLine(remediation) ?? '', podsList(remediation)])
}
