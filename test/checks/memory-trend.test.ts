import { describe, expect, it } from '@jest/globals'
import { memoryTrend } from '../../src/checks/memory-trend.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import { NOW } from '../builders.ts'
import type { ContextParts, Replica } from './a-context.ts'
import { aContext, answer, aWatchedService, deploysOver, GB, HOUR_MS, replicaMetrics, unrest } from './a-context.ts'

const run = (parts: ContextParts, window = '6h') =>
  memoryTrend.run(aContext(parts), memoryTrend.parameters.parse({ window }))
const fact = (finding: FindingBody, id: string) => finding.facts.find((one) => one.id === id)?.value

const hoursAgo = (at: number) => (NOW - at) / HOUR_MS
const flatAt = (bytes: number) => (at: number) => bytes + unrest(at)
/** Ends at `end` after growing steadily for six hours. */
const growingTo = (end: number, perHour: number) => (at: number) => end - perHour * hoursAgo(at) + unrest(at)
const deploys = deploysOver(47, 5.7)
/** 8 GB and half a gigabyte for each deploy. */
const stepping = (at: number) => 8 * GB + 0.498 * GB * deploys.filter((one) => one <= at).length + unrest(at)

describe('memory-trend', () => {
  it('states the level, the growth and the time that is left, when memory grows with the deploys', async () => {
    const finding = await run({ replicas: [{ name: 'p-3', bytes: stepping }], deploys })
    expect(finding).toMatchObject({
      verdict: 'problem',
      severity: 'critical',
      signals: { growth: 'deploy_step', level: 'above_95', reset: 'no_restart_seen' },
    })
    expect(finding.headline).toMatch(
      /^p-3 holds 31\.4 GB of 32 GB \(98(\.\d)? %\) and grows [34](\.\d+)? GB\/h; at this rate \d+ min are left$/,
    )
    expect(fact(finding, 'perDeploy')).toBeGreaterThan(0.45 * GB)
    expect(fact(finding, 'perDeploy')).toBeLessThan(0.55 * GB)
    expect(fact(finding, 'deploysLeft')).toBe(1)
    expect(finding.facts.find(({ id }) => id === 'growthPerHour')?.interval).toBeDefined()
  })

  it('says what a restart hid', async () => {
    const restart = NOW - 3 * HOUR_MS
    const bytes = (at: number) =>
      at < restart
        ? 26 * GB - 2 * GB * (hoursAgo(at) - 3) + unrest(at)
        : 8 * GB + 6 * GB * (3 - hoursAgo(at)) + unrest(at)
    const startedAt = (at: number) => (at < restart ? NOW - 20 * HOUR_MS : restart)
    const finding = await run({ replicas: [{ name: 'p-3', bytes, startedAt }] })
    expect(finding.signals).toMatchObject({ reset: 'restart_frees_then_regrows', growth: 'time_trend' })
    expect(fact(finding, 'restarts')).toBe(1)
    expect(fact(finding, 'lastRestart')).toBeGreaterThanOrEqual(restart)
    expect(finding.details.join(' ')).toMatch(
      /p-3 restarted at 00:4[23] UTC: 25\.9 GB → 8(\.\d+)? GB\. End to end over the window, restarts included, that looks like only 9\d\d MB\/h\./,
    )
    expect(finding.charts[0]?.markers).toContainEqual(expect.objectContaining({ kind: 'restart' }))
  })

  it('names the last three restarts of a crash loop', async () => {
    const period = HOUR_MS / 2
    const bytes = (at: number) => 8 * GB + 40 * GB * (((at - NOW + 6 * HOUR_MS) % period) / HOUR_MS) + unrest(at)
    const startedAt = (at: number) => at - ((at - NOW + 6 * HOUR_MS) % period)
    const finding = await run({ replicas: [{ name: 'p-3', bytes, startedAt }] })
    expect(Number(fact(finding, 'restarts'))).toBeGreaterThanOrEqual(10)
    const told = finding.details.filter((text) => text.startsWith('p-3 restarted'))
    expect(told).toHaveLength(4)
    expect(told[0]).toMatch(/^p-3 restarted \d+ times before these:$/)
  })

  it.each<[string, number, FindingBody['verdict'], FindingBody['severity'], string]>([
    ['half full', 16 * GB, 'clear', undefined, 'below_80'],
    ['at 85 %', 27.2 * GB, 'clear', undefined, 'above_80'],
    ['at 92 %', 29.5 * GB, 'problem', 'medium', 'above_80'],
    ['at 97 %', 31 * GB, 'problem', 'critical', 'above_95'],
  ])('judges level memory %s', async (_, level, verdict, severity, signal) => {
    const finding = await run({ replicas: [{ name: 'p-0', bytes: flatAt(level) }], deploys })
    expect([finding.verdict, finding.severity, finding.signals.level]).toEqual([verdict, severity, signal])
    expect(finding.headline).toMatch(/^p-0 holds .+ and does not keep growing$/)
    expect(finding.signals.growth).toBe('flat')
    expect(finding.facts.map(({ id }) => id)).not.toContain('growthPerHour')
    expect(finding.charts[0]?.forecast).toBeUndefined()
  })

  it.each<[string, number, number, FindingBody['severity']]>([
    ['half an hour', 31 * GB, 2 * GB, 'critical'],
    ['four hours', 24 * GB, 2 * GB, 'high'],
    ['twelve hours', 14 * GB, 1.5 * GB, 'medium'],
  ])('takes growth with %s left as seriously as that', async (_, end, perHour, severity) => {
    const finding = await run({ replicas: [{ name: 'p-0', bytes: growingTo(end, perHour) }] })
    expect([finding.verdict, finding.severity]).toEqual(['problem', severity])
  })

  it('looks closely at the fullest and at the fastest, and counts the others', async () => {
    const many = Array.from({ length: 12 }, (_, i): Replica => ({ name: `p-${i}`, bytes: flatAt((10 + i) * GB) }))
    // Emptier than most, but the first to be full.
    const racing: Replica = { name: 'racing', bytes: growingTo(14 * GB, 2 * GB) }
    const { source, questions } = replicaMetrics([...many, racing])
    const finding = await run({ metrics: source })
    expect(fact(finding, 'replica')).toBe('racing')
    expect(questions.instant.map(({ query }) => query.split('(', 1)[0])).toEqual(['topk', 'count', 'bottomk'])
    expect(questions.range[0]?.query).toContain('pod=~"racing|p-11|p-10|p-9|p-8"')
    expect(finding.details.at(-1)).toMatch(/^Other replicas: p-11 21 GB .+, and 8 more\.$/)
  })

  it('asks one instant question and one range each when there are few replicas', async () => {
    const { source, questions } = replicaMetrics([{ name: 'p-0', bytes: flatAt(16 * GB) }])
    await run({ metrics: source })
    expect(questions.instant.map(({ query }) => query)).toEqual([
      'topk(6, max by (pod) (memory_bytes{namespace="ml"}))',
    ])
    expect(questions.range.map(({ query }) => query)).toEqual([
      'max by (pod) (memory_bytes{namespace="ml",pod=~"p-0"})',
      'max by (pod) (process_start_time_seconds{namespace="ml",pod=~"p-0"})',
      'sum by (pod) (requests{namespace="ml",pod=~"p-0"})',
      'sum by (pod) (evictions_total{namespace="ml",pod=~"p-0"})',
    ])
  })

  it('takes no more than it chose from an expression that cannot be narrowed', async () => {
    const replicas = Array.from({ length: 30 }, (_, i): Replica => ({ name: `p-${i}`, bytes: flatAt((1 + i) * GB) }))
    const service = aWatchedService()
    const unnarrowed = { ...service, metrics: { ...service.metrics, memory: 'memory_bytes' } as never } // has metrics
    const finding = await run({ service: unnarrowed, replicas })
    expect(finding.charts[0]?.lines).toHaveLength(5)
    expect(fact(finding, 'replica')).toBe('p-29')
  })

  it.each([
    ['90s', 1],
    ['6m', 1],
    ['1h', 10],
    ['6h', 60],
    ['24h', 240],
    ['7d', 1680],
  ])('reads %s at one point every %d s', async (window, seconds) => {
    const { source, questions } = replicaMetrics([{ name: 'p-0', bytes: flatAt(16 * GB) }])
    await run({ metrics: source }, window)
    expect(new Set(questions.range.map(({ stepMs }) => stepMs))).toEqual(new Set([seconds * 1_000]))
  })

  it('judges a replica that appeared in the middle of the window by its own time', async () => {
    const born = NOW - 2 * HOUR_MS
    const young: Replica = {
      name: 'young',
      bytes: (at) => (at < born ? undefined : 10 * GB + 5 * GB * (2 - hoursAgo(at)) + unrest(at)),
      startedAt: (at) => (at < born ? undefined : born),
    }
    const finding = await run({ replicas: [{ name: 'old', bytes: flatAt(15 * GB) }, young] })
    expect(fact(finding, 'replica')).toBe('young')
    expect(finding.signals.growth).toBe('time_trend')
    expect(Number(fact(finding, 'growthPerHour')) / GB).toBeCloseTo(5, 0)
  })

  it('claims nothing of a replica that has been there for five minutes', async () => {
    const born = NOW - 5 * 60_000
    const bytes = (at: number) => (at < born ? undefined : 8 * GB + unrest(at))
    const finding = await run({ replicas: [{ name: 'new', bytes }] })
    expect(finding.verdict).toBe('clear')
    expect(finding.signals.reset).toBeUndefined()
  })

  it('leaves out a replica whose history is empty', async () => {
    const ghost: Replica = { name: 'ghost', bytes: (at) => (at === NOW ? 30 * GB : undefined) }
    const { source } = replicaMetrics([ghost, { name: 'p-0', bytes: flatAt(16 * GB) }])
    const finding = await run({
      metrics: {
        ...source,
        range: async (...asked) => {
          const { value, ...rest } = await source.range(...asked)
          return { ...rest, value: value.map((one) => (one.labels.pod === 'ghost' ? { ...one, points: [] } : one)) }
        },
      },
    })
    expect(fact(finding, 'replica')).toBe('p-0')
  })

  it.each<[string, ContextParts, string]>([
    ['no series', { replicas: [] }, 'missing'],
    ['only series without the replica label', { metrics: withoutLabel() }, 'missing'],
    ['no metrics configured', { service: withoutMetrics() }, 'not-configured'],
    [
      'a limit of nothing',
      { service: aWatchedService({ memoryLimit: { from: 'metrics' } }), replicas: [] },
      'not-configured',
    ],
    [
      'a workload without a limit',
      {
        service: aWatchedService({ memoryLimit: { from: 'workload' } }),
        replicas: [{ name: 'p', bytes: () => GB }],
        cluster: { workload: async () => answer({ ...workload, memoryLimitBytes: undefined }) },
      },
      'missing',
    ],
  ])('cannot tell with %s', async (_, parts, kind) => {
    const failure = await run(parts).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SourceError)
    expect(failure).toMatchObject({ kind, message: expect.stringMatching(/\.$/) })
  })

  it.each<[string, unknown]>([
    ['no limit at all', []],
    ['a limit of 0, as cAdvisor says where there is none', [{ labels: {}, value: 0 }]],
    ['an endless limit', [{ labels: {}, value: Number.POSITIVE_INFINITY }]],
  ])('takes no limit from metrics that state %s', async (_, samples) => {
    const { source } = replicaMetrics([{ name: 'p-0', bytes: flatAt(GB) }])
    const service = aWatchedService({ memoryLimit: { from: 'metrics' } })
    const limited = { ...service, metrics: { ...service.metrics, limit: 'limit{$selector}' } as never }
    const metrics: typeof source = {
      ...source,
      instant: async (query, at, signal) =>
        query.startsWith('min(limit') ? answer(samples as never) : source.instant(query, at, signal),
    }
    await expect(run({ service: limited, metrics })).rejects.toMatchObject({ kind: 'missing' })
  })

  it('takes the limit from the workload, and says so', async () => {
    const finding = await run({
      service: aWatchedService({ memoryLimit: { from: 'workload' } }),
      replicas: [{ name: 'p-0', bytes: flatAt(16 * GB) }],
      cluster: { workload: async () => answer(workload) },
    })
    expect(finding.details[0]).toBe('Limit 32 GB from StatefulSet inference-prod.')
  })

  it('measures growth without deploys, requests and restarts where these do not answer', async () => {
    const silent = new SourceError('timeout', 'metrics', 'metrics did not answer within 10 s.')
    const { source } = replicaMetrics([{ name: 'p-0', bytes: growingTo(24 * GB, 2 * GB) }])
    const metrics: typeof source = {
      ...source,
      range: (query, ...rest) => (query.includes('memory') ? source.range(query, ...rest) : Promise.reject(silent)),
    }
    const finding = await run({ metrics, deploys: silent })
    expect(finding).toMatchObject({ verdict: 'problem', signals: { growth: 'time_trend' } })
    expect(fact(finding, 'perDeploy')).toBeUndefined()
  })

  it('lets a bug be a bug', async () => {
    const { source } = replicaMetrics([{ name: 'p-0', bytes: flatAt(GB) }])
    const broken: typeof source = {
      ...source,
      range: (query, ...rest) => {
        if (query.includes('requests')) throw new TypeError('a bug')
        return source.range(query, ...rest)
      },
    }
    await expect(run({ metrics: broken })).rejects.toThrow(TypeError)
  })

  it('draws memory, limit, deploys and where it is heading', async () => {
    const finding = await run({
      replicas: [
        { name: 'p-3', bytes: stepping },
        { name: 'p-0', bytes: flatAt(9 * GB) },
      ],
      deploys,
    })
    const [chart] = finding.charts
    expect(chart).toMatchObject({
      title: 'inference memory',
      unit: 'bytes',
      thresholds: [{ label: 'limit 32 GB', value: 32 * GB }],
      lines: [
        { name: 'p-3', role: 'subject' },
        { name: 'p-0', role: 'other' },
      ],
    })
    expect(chart?.markers.filter(({ kind }) => kind === 'deploy')).toHaveLength(47)
    expect(chart?.to).toBeGreaterThan(NOW)
    expect(chart?.forecast?.atEnd).toBeGreaterThan(chart?.forecast?.value ?? 0)
    expect(chart?.altText.length).toBeLessThan(1_000)
  })
})

const workload = {
  uid: 'u',
  generation: 1,
  replicas: 1,
  readyReplicas: 1,
  memoryLimitBytes: 32 * GB,
  memoryRequestBytes: 32 * GB,
  revisions: [],
}

function withoutMetrics() {
  const { metrics: _, ...service } = aWatchedService()
  return service
}

function withoutLabel() {
  const { source } = replicaMetrics([])
  return { ...source, instant: async () => answer([{ labels: { instance: 'x' }, value: GB }]) }
}
