import type { Remediation } from '../../domain/remediation.ts'
import { sentence, shorten } from './text.ts'

const REASONS = 3

/**
 * Why buttons that people may have seen are gone, a line for each reason. Of many only the last ones: an incident that is diagnosed again
 * and again replaces its offers each time.
 */
export function withdrawnLines(remediations: readonly Remediation[]): readonly string[] {
  const byReason = new Map<string, Set<string>>()
  for (const { state, approval, outcome, plan } of remediations) {
    if (state !== 'void' || approval !== undefined) continue
    const why = outcome?.text ?? 'It was withdrawn.'
    const buttons = byReason.get(why) ?? new Set()
    // What was withdrawn last comes last.
    byReason.delete(why)
    byReason.set(why, buttons.add(plan.button))
  }
  return [...byReason]
    .slice(-REASONS)
    .map(
      ([why, buttons]) =>
        `No longer offered: ${sentence(shorten([...buttons].join(', '), 150))}. ${sentence(shorten(why, 200))}`,
    )
}
