import { describe, expect, it } from '@jest/globals'
import { cacheResidency } from '../../src/checks/cache-residency.ts'
import { SourceError } from '../../src/datasources/datasource.ts'
import type { FindingBody } from '../../src/domain/finding.ts'
import type { ContextParts, Replica } from './a-context.ts'
import { aContext, answer, aWatchedService, deploysOver, GB, unrest } from './a-context.ts'

const run = (parts: ContextParts) => cacheResidency.run(aContext(parts), cacheResidency.parameters.parse({}))
const fact = (finding: FindingBody, id: string) => finding.facts.find((one) => one.id === id)?.value

const deploys = deploysOver(47, 5.7)
const leaking: Replica = {
  name: 'p-3',
  bytes: (at) => 8 * GB + 0.498 * GB * deploys.filter((one) => one <= at).length + unrest(at),
}
const level: Replica = { name: 'p-0', bytes: (at) => 12 * GB + unrest(at) }

interface Report {
  readonly max?: number
  readonly resident: number
  readonly evictions?: number
  readonly bytes?: number
}

const versions = (count: number, bytes: number | undefined) =>
  Array.from({ length: count }, (_, i) => ({ model: `m${i % 10}`, version: i, ...(bytes !== undefined && { bytes }) }))

const reporting =
  ({ max = 10, resident, evictions, bytes }: Report) =>
  async (path: string) =>
    answer({ max_size: max, resident: versions(resident, bytes), ...(evictions !== undefined && { evictions }) }, path)

describe('cache-residency', () => {
  it('says how many versions are too many, and what they weigh', async () => {
    const finding = await run({
      replicas: [leaking, level],
      deploys,
      json: reporting({ resident: 47, evictions: 37, bytes: 0.5 * GB }),
    })
    expect(finding).toMatchObject({
      verdict: 'problem',
      severity: 'high',
      headline:
        'The cache is set to 10, but 47 model versions are resident: 37 too many ≈ 18.5 GB, which unloading them would free',
      details: [
        '10 models, up to 5 versions of one.',
        '37 evictions reported, and memory did not go down.',
        'The cache itself let go of as many, so something else still holds them; until it lets go, a restart frees them.',
      ],
      signals: {
        cache: 'resident_gt_max',
        evict: 'evictions_up_rss_not_down',
        residency: 'old_versions_resident',
      },
    })
    expect(Object.fromEntries(finding.facts.map(({ id, value }) => [id, value]))).toEqual({
      resident: 47,
      extra: 37,
      configured: 10,
      extraBytes: 18.5 * GB,
      models: 10,
      versionsOfOne: 5,
      perModel: 0.5 * GB,
      evictions: 37,
      replica: 'p-3',
    })
  })

  it.each<[string, Report, readonly Replica[], FindingBody['verdict'], string, string | undefined]>([
    ['too many, evictions not counted', { resident: 12 }, [level], 'problem', 'resident_gt_max', undefined],
    ['too many, none evicted', { resident: 12, evictions: 0 }, [level], 'problem', 'resident_gt_max', 'no_evictions'],
    [
      'full, evicting, level',
      { resident: 10, evictions: 5 },
      [level],
      'clear',
      'resident_le_max',
      'evictions_free_memory',
    ],
    [
      'full, evicting, growing',
      { resident: 10, evictions: 5 },
      [leaking],
      'clear',
      'resident_le_max',
      'evictions_up_rss_not_down',
    ],
    ['full, evicting, memory unknown', { resident: 10, evictions: 5 }, [], 'clear', 'resident_le_max', undefined],
    ['not full yet', { resident: 4, evictions: 0 }, [level], 'clear', 'still_filling', 'no_evictions'],
    ['empty', { resident: 0 }, [level], 'clear', 'still_filling', undefined],
  ])('reads a cache that is %s', async (_, report, replicas, verdict, cache, evict) => {
    const service = aWatchedService({ modelCache: { source: 'models', path: '/debug/models' } })
    const finding = await run({ service, replicas, deploys, json: reporting(report) })
    expect([finding.verdict, finding.signals.cache, finding.signals.evict]).toEqual([verdict, cache, evict])
    expect(finding.headline).toMatch(
      verdict === 'clear'
        ? `${report.resident} model versions are resident, within the cache's 10`
        : `The cache is set to 10, but ${report.resident} model versions are resident`,
    )
  })

  it('weighs versions by the growth per deploy where the report does not say', async () => {
    const finding = await run({ replicas: [leaking], deploys, json: reporting({ resident: 47 }) })
    expect(Number(fact(finding, 'perModel')) / GB).toBeCloseTo(0.498, 1)
    expect((await run({ replicas: [level], json: reporting({ resident: 12 }) })).headline).toMatch(/2 too many, which/)
  })

  it('asks the fullest replica, by a name that cannot lead elsewhere', async () => {
    const paths: string[] = []
    await run({
      replicas: [level, { ...leaking, name: 'a/../b?c' }],
      deploys,
      json: async (path) => {
        paths.push(path)
        return reporting({ resident: 1 })(path)
      },
    })
    expect(paths).toEqual(['/debug/models/a%2F..%2Fb%3Fc'])
  })

  const unnamed = aWatchedService({ modelCache: { source: 'models', path: '/debug/models' } })
  it.each<[string, ContextParts, string]>([
    ['no model cache in the catalogue', { service: withoutCache(), replicas: [level] }, 'not-configured'],
    ['a replica that nobody can name', { json: reporting({ resident: 1 }) }, 'missing'],
    ['a service that does not answer', { service: unnamed, json: refusing('timeout') }, 'timeout'],
    ['a list instead of a report', { service: unnamed, json: async () => answer([]) }, 'bad-answer'],
    ['a cache of size 0', { service: unnamed, json: reporting({ max: 0, resident: 1 }) }, 'bad-answer'],
    [
      'a size that is a text',
      { service: unnamed, json: async () => answer({ max_size: '10', resident: [] }) },
      'bad-answer',
    ],
    [
      'no list of residents',
      { service: unnamed, json: async () => answer({ max_size: 10, resident: 47 }) },
      'bad-answer',
    ],
    ['negative evictions', { service: unnamed, json: reporting({ resident: 1, evictions: -1 }) }, 'bad-answer'],
  ])('cannot tell with %s', async (_, parts, kind) => {
    const failure = await run(parts).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(SourceError)
    expect(failure).toMatchObject({ kind })
  })

  it('says where a report is wrong', async () => {
    const json = async () => answer({ max_size: 10, resident: [{ model: 'a', version: 1 }, { version: 2 }] })
    await expect(run({ service: unnamed, json })).rejects.toThrow(
      /models answered \/debug\/models, .*resident\.1\.model/,
    )
  })
})

function refusing(kind: 'timeout') {
  return async (): Promise<never> => {
    throw new SourceError(kind, 'models', 'models did not answer within 5 s.')
  }
}

function withoutCache() {
  const { modelCache: _, ...service } = aWatchedService()
  return service
}
