/** One series of the comparison: labels with `__name__`, and samples as [epoch ms, value]. */
export interface SampledSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly (readonly [atMs: number, value: number])[]
}

/** Start of the data: a multiple of two hours, since blocks are cut there. */
export const startMs = 1_699_999_200_000
const minuteMs = 60_000
const scrapeMs = 15_000
const scrapes = (3 * 60 * minuteMs) / scrapeMs

/**
 * Three hours of what real targets do: leaks with restarts, counters with resets, gaps, NaN and infinities, series that begin,
 * end, or have one sample, irregular times, and a histogram. Values are repeatable.
 */
export function sampledSeries(): SampledSeries[] {
  const random = repeatable(42)
  const every = (value: (index: number) => number | undefined, jitterMs = 0): SampledSeries['samples'] =>
    Array.from({ length: scrapes }, (_, index) => {
      const atMs = startMs + index * scrapeMs + Math.round(random() * jitterMs)
      return [atMs, value(index) ?? Number.NEGATIVE_INFINITY] as const
    }).filter(([, sample]) => sample !== Number.NEGATIVE_INFINITY)
  const counter = (perScrape: number, resetEvery: number): ((index: number) => number) => {
    let total = 0
    return (index) => {
      total = index > 0 && index % resetEvery === 0 ? random() * 3 : total + random() * perScrape
      return total
    }
  }

  const pods = ['a', 'b', 'c', 'd']
  const memory = pods.map((pod, at) => ({
    labels: { __name__: 'memory_bytes', pod, service: at < 2 ? 'ranker' : 'search', node: `n${at % 2}` },
    samples: every((index) => 2e9 + at * 1e8 + (index % (300 + at * 70)) * 1e6 + Math.round(random() * 2e7), 200),
  }))
  const limits = pods.map((pod, at) => ({
    labels: { __name__: 'memory_limit_bytes', pod, service: at < 2 ? 'ranker' : 'search' },
    samples: every(() => 4e9 + at * 5e8),
  }))
  const requests = pods.flatMap((pod, at) =>
    ['200', '500'].map((code) => ({
      labels: { __name__: 'requests_total', pod, code },
      samples: every(counter(code === '200' ? 40 : 2, 90 + at * 55), 900),
    })),
  )
  const buckets = ['0.1', '0.5', '1', '2.5', '+Inf'].flatMap((le, at) =>
    ['a', 'b'].map((pod) => ({
      labels: { __name__: 'latency_seconds_bucket', pod, le },
      samples: every((index) => index * (at + 1) * (pod === 'a' ? 3 : 7)),
    })),
  )
  const single = (name: string, value: (index: number) => number | undefined, jitterMs = 0): SampledSeries => ({
    labels: { __name__: name, pod: 'a' },
    samples: every(value, jitterMs),
  })
  return [
    ...memory,
    ...limits,
    ...requests,
    ...buckets,
    ...pods.slice(0, 3).map((pod, at) => ({
      labels: { __name__: 'pod_info', pod, node: `n${at % 2}`, version: `v1.${at}` },
      samples: every(() => 1),
    })),
    { labels: { __name__: 'deploys_total', service: 'ranker' }, samples: every((index) => Math.floor(index / 97)) },
    single('gap', (index) => (index % 120 < 60 ? index : undefined)),
    single('nan_sometimes', (index) => (index % 7 === 3 ? Number.NaN : Math.sin(index) * 10)),
    single('infinite_sometimes', (index) => (index % 50 === 8 ? Number.POSITIVE_INFINITY : index)),
    single('negative', () => -50 + Math.round(random() * 100) / 8),
    single('constant', () => 12.5),
    single('restart_at', (index) => 1.7e9 + Math.floor(index / 211) * 3165),
    single('slow_counter', (index) => (index >= 200 ? Math.floor((index - 200) / 3) : undefined)),
    single('ends_early', (index) => (index <= 240 ? index * 2 : undefined)),
    single('starts_late', (index) => (index >= 320 ? index * 3 : undefined)),
    ...['-2', '-1', '1', '+Inf'].map((le, at) => ({
      labels: { __name__: 'signed_bucket', le },
      samples: every((index) => index * (at + 1)),
    })),
    single('once', (index) => (index === 300 ? 7 : undefined)),
    {
      labels: { __name__: 'odd_text', pod: 'a', text: 'a "quoted" \\ line\nbreak ü' },
      samples: every((index) => index),
    },
  ]
}

/** The same samples as OpenMetrics text, which `promtool` turns into blocks. */
export function openMetricsText(series: readonly SampledSeries[]): string {
  const lines = series.flatMap(({ labels: { __name__: name, ...labels }, samples }) => {
    const inBraces = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    return samples.map(
      ([atMs, value]) => `${name}{${inBraces.join(',')}} ${formatted(value)} ${(atMs / 1000).toFixed(3)}`,
    )
  })
  return `${lines.join('\n')}\n# EOF\n`
}

function formatted(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)
}

/** Park and Miller's generator: the same numbers on every run. */
function repeatable(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
