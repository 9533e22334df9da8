import type { DeployRecord } from '../datasource.ts'

/** More in one step are no deploys any more, but a counter of something else. */
const MOST_PER_STEP = 1_000

export interface Rises {
  readonly records: readonly DeployRecord[]
  /** Falls that are no start from nothing: of counters that were added up, one went away. Deploys at that moment may be missing. */
  readonly partialFalls: number
}

/**
 * Every step in which a counter rose, once per unit. A fall to less than half is a reset, after which the counter starts from nothing
 * (as `increase()` does). A smaller fall is that of a sum whose parts went away one by one: counting what is left would invent deploys.
 */
export function risesOf(points: readonly (readonly [at: number, value: number])[]): Rises {
  let partialFalls = 0
  const records = points.flatMap(([at, value], index) => {
    const before = points[index - 1]?.[1]
    if (before === undefined) return []
    const isPartial = value < before && value > before / 2
    if (isPartial) partialFalls += 1
    const rise = isPartial ? 0 : Math.round(value >= before ? value - before : value)
    return Array.from({ length: Math.min(rise, MOST_PER_STEP) }, () => ({ at, what: 'deploy' }))
  })
  return { records, partialFalls }
}
