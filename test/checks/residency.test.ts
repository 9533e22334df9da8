import { describe, expect, it } from '@jest/globals'
import { cacheResidency } from '../../src/checks/cache-residency.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import { NOW } from '../builders.ts'
import type { ContextParts, Replica } from './a-context.ts'
import { aContext, answer, deploysOver, GB, HOUR_MS, replicaMetrics, unrest } from './a-context.ts'
import { runCheck, written } from './run-check.ts'

const START = NOW - 4 * HOUR_MS

/** Began at 8 GB four hours ago, after a run that ended at 20 GB; `since` says how it went on, by the hours since. */
const started = (since: (hours: number) => number): Replica => ({
  name: 'p-3',
  bytes: (at) => (at < START ? 20 : since((at - START) / HOUR_MS)) * GB + unrest(at),
  startedAt: (at) => (at < START ? NOW - 30 * HOUR_MS : START),
})
/** Rises to a level within an hour and stays there. */
const upTo = (level: number) => started((hours) => Math.min(level, 8 + (level - 8) * hours))

interface Cache {
  readonly resident: number
  readonly evictions?: number
  readonly bytes?: number
  /** When each was loaded, ms since the epoch; the others do not say. */
  readonly loadedAt?: readonly number[]
}

const reporting =
  ({ resident, evictions, bytes, loadedAt = [] }: Cache) =>
  async (path: string) =>
    answer(
      {
        ...{ max_size: 10, ...(evictions !== undefined && { evictions }) },
        resident: Array.from({ length: resident }, (_, i) => ({
          ...{ model: `m${i % 5}`, version: i, ...(bytes !== undefined && { bytes }) },
          ...(loadedAt[i] !== undefined && { loaded_at: new Date(loadedAt[i]).toISOString() }),
        })),
      },
      path,
    )

const check = (replica: Replica | undefined, cache: Cache, more: ContextParts = {}, parameters: object = {}) =>
  runCheck(
    cacheResidency,
    aContext({ ...(replica && { replicas: [replica] }), json: reporting(cache), ...more }),
    parameters,
  )

const half = { bytes: 0.5 * GB }

describe('the memory that a cache explains', () => {
  it('is told from memory that unloaded versions kept, with the figures and with what helps', async () => {
    const finding = await check(upTo(24), { resident: 10, evictions: 25, ...half })
    expect(finding).toMatchObject({
      verdict: 'problem',
      severity: 'medium',
      signals: { cache: 'resident_le_max', evict: 'evictions_up_rss_not_down', residency: 'unloaded_not_returned' },
    })
    expect(finding.headline).toMatch(
      /^10 model versions are resident, within the cache's 10, but 1[01](\.\d+)? GB more is in use than they explain: unloaded versions did not give their memory back, and only a restart will$/,
    )
    expect(finding.details.at(-1)).toMatch(
      /^Explained: 8(\.\d+)? GB after the last start \+ 10 × 500 MB = 13(\.\d+)? GB; in use: 24 GB\.$/,
    )
    const facts = Object.fromEntries(finding.facts.map(({ id, value }) => [id, Number(value)]))
    expect(facts.expectedBytes).toBeCloseTo((facts.baseBytes ?? 0) + 10 * 0.5 * GB, -3)
    expect((facts.unexplainedBytes ?? 0) / GB).toBeCloseTo(24 - (facts.expectedBytes ?? 0) / GB, 1)
  })

  it.each<[string, Replica | undefined, Cache, string, string | undefined, FindingBody['verdict']]>([
    [
      'too many versions',
      upTo(24),
      { resident: 30, evictions: 20, ...half },
      'resident_gt_max',
      'old_versions_resident',
      'problem',
    ],
    [
      'below its size, of what it unloaded',
      upTo(24),
      { resident: 4, evictions: 25, ...half },
      'resident_le_max',
      'unloaded_not_returned',
      'problem',
    ],
    ['still filling up', upTo(10), { resident: 4, evictions: 0, ...half }, 'still_filling', 'still_filling', 'clear'],
    [
      'still filling up, after one was unloaded',
      upTo(10),
      { resident: 4, evictions: 1, ...half },
      'still_filling',
      'still_filling',
      'clear',
    ],
    ['full', upTo(13), { resident: 10, evictions: 40, ...half }, 'resident_le_max', 'within_size', 'clear'],
    [
      'full, and a little more than it explains',
      upTo(15),
      { resident: 10, evictions: 40, ...half },
      'resident_le_max',
      'within_size',
      'clear',
    ],
    [
      'full, nothing evicted',
      upTo(24),
      { resident: 10, evictions: 0, ...half },
      'resident_le_max',
      'within_size',
      'clear',
    ],
    [
      'far more than its evictions can have left',
      upTo(24),
      { resident: 10, evictions: 3, ...half },
      'resident_le_max',
      undefined,
      'clear',
    ],
    [
      'memory that is coming back',
      started((hours) => (hours < 3 ? 8 + 6 * hours : 26 - 6 * (hours - 3))),
      { resident: 10, evictions: 25, ...half },
      'resident_le_max',
      undefined,
      'clear',
    ],
    ['evictions that nobody counts', upTo(24), { resident: 10, ...half }, 'resident_le_max', undefined, 'clear'],
    ['versions of unknown size', upTo(24), { resident: 10, evictions: 25 }, 'resident_le_max', undefined, 'clear'],
    [
      'a start that nobody saw',
      { name: 'p-0', bytes: (at) => 24 * GB + unrest(at) },
      { resident: 10, evictions: 25, ...half },
      'resident_le_max',
      undefined,
      'clear',
    ],
  ])('is judged for a cache with %s', async (_, replica, cache, signal, residency, verdict) => {
    const finding = await check(replica, cache)
    expect([finding.signals.cache, finding.signals.residency, finding.verdict]).toEqual([signal, residency, verdict])
  })

  it('does not state what it cannot know', async () => {
    const unseen: Replica = { name: 'p-0', bytes: (at) => 24 * GB + unrest(at) }
    const facts = written(await check(unseen, { resident: 10, evictions: 25, ...half }))
    expect(Object.keys(facts).filter((id) => /base|expected|unexplained/.test(id))).toEqual([])
  })

  it('says that a filling cache is normal', async () => {
    const { headline } = await check(upTo(10), { resident: 4, evictions: 0, ...half })
    expect(headline).toBe(
      "4 model versions are resident, within the cache's 10: it is still filling up, which is normal",
    )
  })
})

describe('the chart of residency', () => {
  const deploys = deploysOver(6, 3)
  const versions = (at: number) => (at < START ? 30 : 10 + 9 * Math.floor((at - START) / HOUR_MS))
  const recorded = (named: string) => {
    const { source, questions } = replicaMetrics([upTo(24)])
    const metrics: typeof source = {
      ...source,
      async range(query, window, signal) {
        const memory = await source.range(query, window, signal)
        if (!query.includes('resident_versions')) return memory
        return answer(
          memory.value.map(({ points }) => ({
            labels: { pod: named },
            points: points.map(([at]) => [at, versions(at)] as const),
          })),
        )
      },
    }
    return { metrics, questions }
  }
  const residentHistory = 'resident_versions{$selector}'
  const cache = { resident: 46, evictions: 36, ...half, loadedAt: [START] }

  it('shows versions in memory against the size of the cache', async () => {
    const { metrics, questions } = recorded('p-3')
    const { charts } = await check(undefined, cache, { metrics, deploys }, { residentHistory })
    expect(charts).toHaveLength(1)
    expect(charts[0]).toMatchObject({
      title: 'inference model versions in memory',
      subtitle: "p-3 holds 46 model versions, 36 more than the cache's 10",
      ...{ unit: 'count', linesAre: 'pods', to: NOW, thresholds: [{ label: 'cache size 10', value: 10 }] },
      lines: [{ name: 'p-3', role: 'subject' }],
    })
    expect(charts[0]?.lines[0]?.points.at(-1)).toEqual([NOW, 46])
    expect(charts[0]?.markers.map(({ kind }) => kind)).toEqual([...deploys.map(() => 'deploy'), 'restart'])
    expect(questions.range.at(-1)?.query).toBe('sum by (pod) (resident_versions{namespace="ml",pod=~"p-3"})')
  })

  it('counts what is resident by when it was loaded, where no history is named', async () => {
    const loadedAt = Array.from({ length: 12 }, (_, i) => START + (i + 1) * 600_000)
    const { charts } = await check(upTo(24), { resident: 12, evictions: 2, ...half, loadedAt })
    const points = charts[0]?.lines[0]?.points ?? []
    const countAt = (at: number) => points.findLast(([time]) => time <= at)?.[1]
    expect([START - HOUR_MS, START + 60_000, START + 61 * 60_000, NOW].map(countAt)).toEqual([undefined, 0, 6, 12])
    expect(charts[0]?.altText).toMatch(/ of one replica\.$/)
  })

  it.each<[string, object, ContextParts]>([
    ['nobody names a history, and not every version says when it was loaded', {}, {}],
    ['the history knows nothing of the fullest replica', { residentHistory }, { metrics: recorded('other').metrics }],
  ])('is left out where %s', async (_, parameters, more) => {
    expect((await check(upTo(24), cache, more, parameters)).charts).toEqual([])
  })
})
