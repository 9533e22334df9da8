import type { VectorSelector } from '../promql/ast.ts'
import { firstAfter } from './search.ts'
import type { Series } from './series-store.ts'
import { shiftedSteps } from './time-shift.ts'
import { type Context, lookbackMs, type SeriesColumn } from './values.ts'

/** The newest sample of each series at each step, unless older than the look-back; `read` says what to take from it. */
export function selectInstant(
  selector: VectorSelector,
  context: Context,
  read: (series: Series, index: number) => number | undefined = (series, index) => series.values[index],
): SeriesColumn[] {
  const steps = shiftedSteps(selector, context)
  const oldestAgeMs = context.generation === 2 ? lookbackMs : lookbackMs - 1
  return context.store.select(selector.matchers).map((series) => {
    let next = 0
    const values = steps.map((atMs) => {
      // Steps ascend, or all are the same one: the search never has to go back.
      next = firstAfter(series.timesMs, atMs, next)
      const sampledMs = series.timesMs[next - 1]
      return sampledMs !== undefined && sampledMs >= atMs - oldestAgeMs ? read(series, next - 1) : undefined
    })
    return { labels: series.labels, values }
  })
}
