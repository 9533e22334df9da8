import type { DeployRecord } from '../datasource.ts'

/** Every step in which a counter rose, once per unit; a fall is a reset, after which the counter starts from nothing (as `increase()` does). */
export function risesOf(points: readonly (readonly [at: number, value: number])[]): readonly DeployRecord[] {
  return points.flatMap(([at, value], index) => {
    const before = points[index - 1]?.[1]
    if (before === undefined) return []
    const rise = Math.round(value >= before ? value - before : value)
    return Array.from({ length: Math.min(rise, 1_000) }, () => ({ at, what: 'deploy' }))
  })
}
