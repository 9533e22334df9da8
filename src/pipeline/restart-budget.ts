import { restartBudgetOf } from '../domain/approval-policy.ts'
import { formatHours } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import type { PastExecution } from '../remediations/remediation.ts'

const HOUR_MS = 3_600_000
const WORDS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

/**
 * Why one person is not enough for one more restart: there were too many, and what each of them bought. Undefined while the budget lasts.
 * `restarts` are those of this workload, newest first; how long each bought is how long it was until the next.
 */
export function budgetExceeded(service: Service, restarts: readonly PastExecution[], now: number): string | undefined {
  const { restarts: allowed, withinMs } = restartBudgetOf(service)
  const recent = restarts.filter(({ startedAt }) => now - startedAt < withinMs).toReversed()
  if (recent.length < allowed) return undefined
  const starts = [...recent.map(({ startedAt }) => startedAt), now]
  const bought = recent.map((_, index) => ((starts[index + 1] ?? now) - (starts[index] ?? now)) / HOUR_MS)
  const shrinking = bought.length > 1 && bought.every((hours, index) => index === 0 || hours < (bought[index - 1] ?? 0))
  const which = WORDS[recent.length] ?? `${recent.length + 1}th`
  const those = bought.map(formatHours).join(', ')
  const what = bought.length === 1 ? `the one before bought ${those}` : `those before bought ${those}`
  return `it would be the ${which} restart in ${formatHours(withinMs / HOUR_MS)}; ${what}${shrinking ? ', each less than the last' : ''}`
}
