import type { Kill } from '../analysis/kills.ts'
import { disappearances, levelAtKills, risesAt } from '../analysis/kills.ts'
import { byReplica, HOUR_MS, ifAnswered, lastMinutes } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** What is known of the kills of the last hour. */
export interface RecentKills {
  /** Undefined where nothing counts them. */
  readonly count: number | undefined
  /** Percent of one core that replicas had reached; undefined where CPU is not measured, and where none was killed. */
  readonly cpu:
    | { readonly typical: number; readonly range: { readonly low: number; readonly high: number } }
    | undefined
}

/** With a counter of restarts, its rises are the kills; without, the replicas that stopped reporting their CPU. */
export async function recentKills(
  context: CheckContext,
  expressions: { readonly cpu?: string | undefined; readonly kills?: string | undefined },
): Promise<RecentKills> {
  const window = lastMinutes(context, HOUR_MS)
  const ask = async (expression: string | undefined) =>
    expression === undefined ? undefined : ifAnswered(byReplica(context, expression, window))
  const [used, counters] = await Promise.all([ask(expressions.cpu), ask(expressions.kills)])
  const counted =
    counters === undefined || counters.size === 0
      ? undefined
      : [...counters].flatMap(([replica, counter]): Kill[] => risesAt(counter).map((at) => ({ replica, at })))
  const kills = counted ?? disappearances(used ?? new Map(), context.now, window.stepMs)
  return { count: counted?.length, cpu: used && levelAtKills(kills, used) }
}
