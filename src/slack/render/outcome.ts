import type { Remediation } from '../../domain/remediation.ts'
import type { Content } from './message.ts'
import { content } from './message.ts'
import { remediationLine } from './remediation.ts'
import { escapeInline, shorten } from './text.ts'

const SHOWN_PODS = 30

/** How a remediation ended, with each pod. */
export function renderOutcome(remediation: Remediation): Content {
  const pods = (remediation.outcome?.progress ?? remediation.progress)?.pods ?? []
  const lines = pods
    .slice(0, SHOWN_PODS)
    .map(({ name, state }) => `• ${escapeInline(shorten(name, 100))}: ${escapeInline(shorten(state, 100))}`)
  const more = pods.length > SHOWN_PODS ? [`• and ${pods.length - SHOWN_PODS} more`] : []
  return content([remediationLine(remediation) ?? '', [...lines, ...more].join('\n')])
}
