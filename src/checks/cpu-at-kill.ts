import type { Kill } from '../analysis/kills.ts'
import { disappearances, levelAtKills, risesAt } from '../analysis/kills.ts'
import { byReplica, HOUR_MS, lastMinutes } from './ask-metrics.ts'
import type { CheckContext } from './check.ts'

/** CPU in percent of one core that replicas had reached when they were killed in the last hour. */
export interface CpuAtKill {
  readonly typical: number
  readonly range: { readonly low: number; readonly high: number }
}

/** Undefined where nobody says how to ask for CPU, and where no replica was killed. */
export async function cpuAtKill(
  context: CheckContext,
  cpu: string | undefined,
  killCounter: string | undefined,
): Promise<CpuAtKill | undefined> {
  if (cpu === undefined) return undefined
  const window = lastMinutes(context, HOUR_MS)
  const [used, counters] = await Promise.all([
    byReplica(context, cpu, window),
    killCounter === undefined ? undefined : byReplica(context, killCounter, window),
  ])
  const kills =
    counters === undefined
      ? disappearances(used, context.now, window.stepMs)
      : [...counters].flatMap(([replica, counter]): Kill[] => risesAt(counter).map((at) => ({ replica, at })))
  return levelAtKills(kills, used)
}
