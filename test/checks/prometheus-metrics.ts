import type { MetricsSource } from '../../src/datasources/datasource.ts'
import { SeriesStore } from '../../src/sandbox/prometheus/engine/series-store.ts'
import { instantQuery, rangeQuery } from '../../src/sandbox/prometheus/query.ts'
import { answer } from './a-context.ts'

type Labels = Readonly<Record<string, string>>

export interface Recorded {
  readonly labels: Labels & { readonly __name__: string }
  /** The value at a moment; `undefined` where the series is absent. */
  readonly value: (at: number) => number | undefined
}

/** Metrics recorded once a minute in a stretch of time, asked in real PromQL, so that a test sees what an expression really yields. */
export function prometheusMetrics(
  recorded: readonly Recorded[],
  stretches: readonly { readonly from: number; readonly to: number }[],
): MetricsSource & { readonly asked: readonly string[] } {
  const store = new SeriesStore()
  for (const { labels, value } of recorded) {
    for (const { from, to } of stretches) {
      for (let at = from; at <= to; at += 60_000) {
        const now = value(at)
        if (now !== undefined) store.append({ namespace: 'ml', ...labels }, at, now)
      }
    }
  }
  const asked: string[] = []
  const source = { store, generation: 2 } as const
  return {
    asked,
    async instant(query, at) {
      asked.push(query)
      const data = instantQuery(source, query, at)
      if (data.resultType !== 'vector') throw new Error(`${query} is no vector`)
      return answer(
        data.result.map(({ metric, value }) => ({ labels: { ...metric }, value: Number(value[1]) })),
        query,
      )
    },
    async range(query, { from, to, stepMs }) {
      asked.push(query)
      const data = rangeQuery(source, query, from, to, stepMs)
      if (data.resultType !== 'matrix') throw new Error(`${query} is no range`)
      return answer(
        data.result.map(({ metric, values }) => ({
          labels: { ...metric },
          points: values
            .map(([at, text]) => [Math.round(at * 1000), Number(text)] as const)
            .filter(([, v]) => !Number.isNaN(v)),
        })),
        query,
      )
    },
  }
}
