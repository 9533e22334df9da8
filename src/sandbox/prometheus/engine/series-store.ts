import type { LabelMatcher } from '../promql/ast.ts'
import { type Labels, labelsKey, labelValue, metricName } from './labels.ts'

/** One series; `timesMs` ascends strictly and runs parallel to `values`. */
export interface Series {
  readonly labels: Labels
  readonly timesMs: readonly number[]
  readonly values: readonly number[]
}

interface WritableSeries extends Series {
  readonly timesMs: number[]
  readonly values: number[]
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

/** All samples in memory, found by metric name and then by label conditions. */
export class SeriesStore {
  readonly #byKey = new Map<string, WritableSeries>()
  readonly #byName = new Map<string, WritableSeries[]>()

  /** Throws a `RangeError` for a missing or malformed name or label, and for a time that is not after the series' last. */
  append(labels: Labels, atMs: number, value: number): void {
    const series = this.#seriesOf(labels)
    const lastMs = series.timesMs.at(-1)
    if (!Number.isSafeInteger(atMs)) throw new RangeError(`A sample's time must be whole milliseconds, got ${atMs}.`)
    if (lastMs !== undefined && atMs <= lastMs)
      throw new RangeError(`Samples must ascend: ${JSON.stringify(labels)} has ${lastMs} ms, got ${atMs} ms.`)
    series.timesMs.push(atMs)
    series.values.push(value)
  }

  /** Series that meet every condition, in the order in which they first appeared. */
  select(matchers: readonly LabelMatcher[]): Series[] {
    const exactName = matchers.find(({ name, operator }) => name === metricName && operator === '=')
    const candidates = exactName ? (this.#byName.get(exactName.value) ?? []) : [...this.#byKey.values()]
    return candidates.filter(({ labels }) =>
      matchers.every((matcher) => matcher.test(labelValue(labels, matcher.name))),
    )
  }

  all(): Series[] {
    return [...this.#byKey.values()]
  }

  #seriesOf(given: Labels): WritableSeries {
    const key = labelsKey(given)
    const known = this.#byKey.get(key)
    if (known) return known
    const labels = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
    const name = labelValue(labels, metricName)
    if (!namePattern.test(name)) throw new RangeError(`A series needs a valid __name__, got ${JSON.stringify(given)}.`)
    const malformed = Object.keys(labels).find((label) => !labelPattern.test(label))
    if (malformed !== undefined) throw new RangeError(`Not a label name: ${malformed}.`)
    const canonicalKey = labelsKey(labels)
    const existing = this.#byKey.get(canonicalKey)
    if (existing) return existing
    const series: WritableSeries = { labels, timesMs: [], values: [] }
    this.#byKey.set(canonicalKey, series)
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), series])
    return series
  }
}
