import type { Chart, ChartLine } from '../../../src/domain/chart.ts'

const MINUTE_MS = 60_000
const GB = 1e9

/** A chart of one subject, to be varied: `aChart({ title: 'x' })`. */
export function aChart(changes: Partial<Chart> = {}): Chart {
  const from = Date.UTC(2025, 10, 21, 20, 0)
  const now = from + 180 * MINUTE_MS
  return {
    title: 'checkout-api memory (prod-eu-1)',
    subtitle: 'x2kqp grows by 360 MiB per hour and reaches the 2 GiB limit about 00:00 UTC',
    altText: 'Memory of checkout-api.',
    unit: 'bytes',
    byteUnits: 'binary',
    from,
    to: now + 60 * MINUTE_MS,
    now,
    lines: [aLine({ points: everyMinute(from, 181, (minute) => (0.8 + minute * 0.005) * 2 ** 30) })],
    thresholds: [{ label: 'limit 2 GiB', value: 2 * 2 ** 30 }],
    markers: [],
    ...changes,
  }
}

export function aLine(changes: Partial<ChartLine> = {}): ChartLine {
  return { name: 'x2kqp', role: 'subject', points: [], ...changes }
}

/** The first incident: every deploy leaves half a gigabyte behind, one restart frees it, the limit comes near. */
export function theFirstIncident(): Chart {
  const from = Date.UTC(2025, 10, 21, 23, 30)
  const now = from + 222 * MINUTE_MS
  const restart = Date.UTC(2025, 10, 21, 23, 58)
  const deploys = Array.from(
    { length: 47 },
    (_, index) => restart + (4 + index * 4.1 + wobble(index) * 1.2) * MINUTE_MS,
  )
  const memory = (at: number): number => {
    if (at < restart) return (24.4 + ((at - from) / MINUTE_MS) * 0.1 + wobble(at / 7e4) * 0.08) * GB
    if (at < restart + MINUTE_MS) return 8.2 * GB
    const loaded = deploys.filter((deploy) => deploy <= at).length
    const since = at - Math.max(restart, ...deploys.filter((deploy) => deploy <= at))
    return (
      (8 +
        loaded * 0.4925 +
        Math.max(0, 0.28 - (since / MINUTE_MS) * 0.12) +
        wobble(at / 5e4) * (at < now ? 0.06 : 0)) *
      GB
    )
  }
  return {
    title: 'inference memory (prod)',
    subtitle: '31.2 of 32 GB: +6.3 GB per hour, 495 MB with each of 47 deploys, at the limit in about 8 min',
    altText: 'Memory of inference rises from 8 GB after the restart at 23:58 UTC to 31.2 GB; the limit is 32 GB.',
    unit: 'bytes',
    byteUnits: 'decimal',
    from,
    to: now + 24 * MINUTE_MS,
    now,
    lines: [
      aLine({ name: 'inference-0', points: everyMinute(from, 223, (minute) => memory(from + minute * MINUTE_MS)) }),
    ],
    thresholds: [{ label: 'limit 32 GB', value: 32 * GB }],
    markers: [
      ...deploys.map((at, index) => ({ kind: 'deploy' as const, at, label: `model v${index + 112}` })),
      { kind: 'restart', at: restart, label: 'restart 23:58' },
    ],
    forecast: { value: memory(now), atEnd: 33.7 * GB, low: 33 * GB, high: 34.5 * GB },
  }
}

/** Five replicas of which one leaks since the second of two deploys; scrapes were missed for a while. */
export function fiveReplicas(): Chart {
  const from = Date.UTC(2025, 10, 21, 21, 10)
  const now = from + 360 * MINUTE_MS
  const deployed = 205
  const other = (base: number, index: number): ChartLine =>
    aLine({
      name: `checkout-api-6d9f7c5b8-${['m8xvw', 'p4tzl', 'q9rbd', 'w2hjs'][index] ?? ''}`,
      role: 'other',
      points: everyMinute(
        from,
        361,
        (minute) => (base + Math.max(0, minute - deployed) * 0.0016 + wobble(minute * 0.31 + index) * 0.025) * 2 ** 30,
      ),
    })
  const leaking = everyMinute(
    from,
    361,
    (minute) => (0.86 + Math.max(0, minute - deployed) * 0.0058 + wobble(minute * 0.7) * 0.02) * 2 ** 30,
  )
  const missed = leaking.map(([at, value], minute) => [at, minute > 96 && minute < 118 ? undefined : value] as const)
  return aChart({
    title: 'checkout-api memory working set (prod-eu-1)',
    subtitle: 'x2kqp +350 MiB per hour since v1.8.3, reaches the 2 GiB limit about 04:00 UTC',
    from,
    now,
    to: now + 60 * MINUTE_MS,
    lines: [...[1.08, 1.02, 0.98, 0.93].map(other), aLine({ name: 'checkout-api-6d9f7c5b8-x2kqp', points: missed })],
    linesAre: 'pods',
    thresholds: [
      { label: 'limit 2 GiB', value: 2 * 2 ** 30 },
      { label: 'request 1.25 GiB', value: 1.25 * 2 ** 30 },
    ],
    markers: [
      { kind: 'deploy', at: from + 95 * MINUTE_MS, label: 'deploy v1.8.2' },
      { kind: 'deploy', at: from + deployed * MINUTE_MS, label: 'deploy v1.8.3' },
    ],
    forecast: { value: 1.76 * 2 ** 30, atEnd: 2.1 * 2 ** 30, low: 2.02 * 2 ** 30, high: 2.19 * 2 ** 30 },
  })
}

/** Models that stay resident although the cache is configured for ten. */
export function residentModels(): Chart {
  const from = Date.UTC(2025, 10, 22, 0, 0)
  const now = from + 192 * MINUTE_MS
  return {
    title: 'Models resident in the cache of inference (prod)',
    subtitle: '47 versions resident against a configured maximum of 10, no eviction in 3.2 h',
    altText: 'Resident models rise to 47; configured are 10.',
    unit: 'count',
    byteUnits: 'decimal',
    from,
    to: now,
    now,
    lines: [
      aLine({ name: 'resident', points: everyMinute(from, 193, (minute) => Math.floor((minute * 47) / 192)) }),
      aLine({ name: 'evicted', role: 'other', points: everyMinute(from, 193, () => 0) }),
    ],
    thresholds: [{ label: 'configured maximum 10', value: 10 }],
    markers: [],
  }
}

export function everyMinute(from: number, count: number, value: (minute: number) => number): ChartLine['points'] {
  return Array.from({ length: count }, (_, minute) => [from + minute * MINUTE_MS, value(minute)] as const)
}

/** Noise between -1 and 1 that is the same in every run. */
function wobble(seed: number): number {
  const value = Math.sin(seed * 12.9898) * 43758.5453
  return (value - Math.floor(value)) * 2 - 1
}
