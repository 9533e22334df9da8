import type { Labels } from './labels.ts'
import type { SeriesStore } from './series-store.ts'

/** One value per evaluation step; `undefined` where the series has none. */
export type Column = (number | undefined)[]

export interface SeriesColumn {
  readonly labels: Labels
  readonly values: Column
}

/** A value of every step at once: evaluating column by column matches labels once instead of once per step. */
export type Value =
  | { readonly type: 'scalar'; readonly values: number[] }
  | { readonly type: 'vector'; readonly series: SeriesColumn[] }
  | { readonly type: 'string'; readonly value: string }

/**
 * Prometheus 2 counts a sample that lies exactly on the far edge of a range or of the look-back, Prometheus 3 does not
 * (https://prometheus.io/docs/prometheus/latest/migration/).
 */
export type Generation = 2 | 3

export interface Context {
  readonly store: SeriesStore
  /** The evaluation times in milliseconds, ascending. */
  readonly stepsMs: readonly number[]
  /** What `@ start()` and `@ end()` stand for, also inside subqueries. */
  readonly startMs: number
  readonly endMs: number
  readonly generation: Generation
}

/** How long a sample stays current when none follows. */
export const lookbackMs = 5 * 60_000

/** The step of a subquery that names none: the server's default evaluation interval. */
export const defaultSubqueryStepMs = 60_000
