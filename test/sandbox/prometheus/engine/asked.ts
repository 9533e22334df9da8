import type { Labels } from '../../../../src/sandbox/prometheus/engine/labels.ts'
import { SeriesStore } from '../../../../src/sandbox/prometheus/engine/series-store.ts'
import type { Generation } from '../../../../src/sandbox/prometheus/engine/values.ts'
import { instantQuery } from '../../../../src/sandbox/prometheus/query.ts'

export interface GivenSeries {
  readonly labels: Labels
  readonly samples: readonly (readonly [atMs: number, value: number])[]
}

export function aStore(...given: readonly GivenSeries[]): SeriesStore {
  const store = new SeriesStore()
  for (const { labels, samples } of given) for (const [atMs, value] of samples) store.append(labels, atMs, value)
  return store
}

/** One series named `m` with a sample every 15 s from time 0. */
export function everyQuarterMinute(...values: readonly number[]): GivenSeries {
  return { labels: { __name__: 'm' }, samples: values.map((value, index) => [index * 15_000, value]) }
}

/** The elements of an instant vector: its labels and its value as the API writes it. */
export function vectorAt(store: SeriesStore, text: string, atMs: number, generation: Generation = 2) {
  const data = instantQuery({ store, generation }, text, atMs)
  if (data.resultType !== 'vector') throw new Error(`${text} gave a ${data.resultType}`)
  return data.result.map(({ metric, value }) => ({ metric, value: value[1] }))
}
