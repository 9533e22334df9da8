import { z } from 'zod'
import { duration, promql } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes } from '../domain/units.ts'
import type { CacheReport } from './cache-report.ts'
import { readCacheReport } from './cache-report.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import { fact } from './facts.ts'
import type { MemoryEvidence } from './memory-evidence.ts'
import { memoryEvidence } from './memory-evidence.ts'
import type { ResidencyVerdict } from './residency.ts'
import { judgeResidency } from './residency.ts'
import { residencyChart } from './residency-chart.ts'

/** How many model versions the cache may hold against how many are really in memory, and whether they explain the memory in use. */
export const cacheResidency = defineCheck({
  name: 'cache-residency',
  title: 'Model cache',
  parameters: z.strictObject({
    window: duration().prefault('6h').meta({
      description: 'How far back memory is looked at, to find the fullest replica and whether evictions free anything.',
    }),
    residentHistory: promql
      .describe(
        'Model versions in memory, by replica, to draw against the size of the cache; else `loaded_at` of the report is used.',
      )
      .exactOptional(),
  }),
  signals: {
    cache: ['resident_gt_max', 'resident_le_max', 'still_filling'],
    evict: ['evictions_up_rss_not_down', 'evictions_free_memory', 'no_evictions'],
    residency: ['old_versions_resident', 'unloaded_not_returned', 'still_filling', 'within_size'],
  },
  facts: [
    ...['resident', 'configured', 'extra', 'extraBytes', 'perModel', 'versionsOfOne', 'models', 'evictions', 'replica'],
    ...['baseBytes', 'expectedBytes', 'unexplainedBytes'],
  ],
  async run(context, { window, residentHistory }) {
    const memory = await fullestReplica(context, window)
    const report = await readCacheReport(context, memory?.worst.name)
    const chart = memory === undefined ? undefined : await residencyChart(context, residentHistory, report, memory)
    return { ...finding(context.service, report, memory), charts: chart === undefined ? [] : [chart] }
  },
})

/** The fullest replica is the one to ask; without metrics, whichever answers. */
async function fullestReplica(context: CheckContext, windowMs: number): Promise<MemoryEvidence | undefined> {
  try {
    return await memoryEvidence(context, windowMs)
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

function finding(
  service: Service,
  report: CacheReport,
  memory: MemoryEvidence | undefined,
): Omit<FindingBody, 'charts'> {
  const judged = judgeResidency(report, memory)
  const { residency } = judged
  const evict = evictSignal(report, judged, memory)
  const severity =
    residency === 'old_versions_resident' ? 'high' : residency === 'unloaded_not_returned' ? 'medium' : undefined
  return {
    verdict: severity === undefined ? 'clear' : 'problem',
    ...(severity && { severity }),
    headline: headline(service, report, judged),
    details: details(service, report, judged, evict),
    facts: facts(report, judged, memory?.worst.name),
    signals: {
      cache: cacheSignal(report, judged),
      ...(evict !== undefined && { evict }),
      ...(residency !== undefined && { residency }),
    },
  }
}

function headline(
  { units }: Service,
  { max_size: size }: CacheReport,
  { residency, resident, extra, versionBytes, memory }: ResidencyVerdict,
): string {
  const within = `${resident} model versions are resident, within the cache's ${size}`
  switch (residency) {
    case 'old_versions_resident': {
      const bytes = versionBytes === undefined ? '' : ` ≈ ${formatBytes(extra * versionBytes, units)}`
      return `The cache is set to ${size}, but ${resident} model versions are resident: ${extra} too many${bytes}, which unloading them would free`
    }
    case 'unloaded_not_returned':
      return `${within}, but ${formatBytes(memory?.unexplainedBytes ?? 0, units)} more is in use than they explain: unloaded versions did not give their memory back, and only a restart will`
    case 'still_filling':
      return `${within}: it is still filling up, which is normal`
    case 'within_size':
    case undefined:
      return within
  }
}

function details(
  { units }: Service,
  report: CacheReport,
  { extra, versionBytes, resident, memory }: ResidencyVerdict,
  evict: string | undefined,
): readonly string[] {
  const bytes = (value: number) => formatBytes(value, units)
  const versions = countBy(report.resident.map((one) => one.model))
  const { evictions } = report
  return [
    `${versions.size} models, up to ${Math.max(0, ...versions.values())} versions of one.`,
    ...(evictions === undefined
      ? []
      : [
          `${evictions} evictions reported${evict === 'evictions_up_rss_not_down' ? ', and memory did not go down' : ''}.`,
        ]),
    ...(extra > 0 && evictions !== undefined && evictions >= extra
      ? [
          'The cache itself let go of as many, so something else still holds them; until it lets go, a restart frees them.',
        ]
      : []),
    ...(memory === undefined || versionBytes === undefined
      ? []
      : [
          `Explained: ${bytes(memory.baseBytes)} after the last start + ${resident} × ${bytes(versionBytes)} = ${bytes(memory.expectedBytes)}; in use: ${bytes(memory.levelBytes)}.`,
        ]),
  ]
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Where unloaded versions keep their memory, a cache below its size is not one that has yet to fill. */
function cacheSignal({ max_size: size }: CacheReport, { residency, resident, extra }: ResidencyVerdict): string {
  if (extra > 0) return 'resident_gt_max'
  return resident < size && residency !== 'unloaded_not_returned' ? 'still_filling' : 'resident_le_max'
}

/** Evictions are said to have happened; did memory follow? */
function evictSignal(
  report: CacheReport,
  { extra, residency }: ResidencyVerdict,
  memory: MemoryEvidence | undefined,
): string | undefined {
  if (report.evictions === undefined) return undefined
  if (report.evictions === 0) return 'no_evictions'
  const growing = memory?.worst.verdict.verdict === 'confirmed' || memory?.worst.verdict.verdict === 'suspected'
  if (extra > 0 || growing || residency === 'unloaded_not_returned') return 'evictions_up_rss_not_down'
  return memory === undefined ? undefined : 'evictions_free_memory'
}

function facts(
  report: CacheReport,
  { resident, extra, versionBytes, memory }: ResidencyVerdict,
  replica: string | undefined,
): readonly Fact[] {
  const versions = countBy(report.resident.map((one) => one.model))
  const extraBytes = versionBytes === undefined ? undefined : extra * versionBytes
  return [
    ...fact('resident', 'Resident versions', 'count', resident),
    ...fact('extra', 'Versions too many', 'count', extra),
    ...fact('configured', 'Cache size', 'count', report.max_size),
    ...fact('extraBytes', 'In versions too many', 'bytes', extraBytes),
    ...fact('models', 'Models', 'count', versions.size),
    ...fact('versionsOfOne', 'Versions of one model', 'count', Math.max(0, ...versions.values())),
    ...fact('perModel', 'Size of a version', 'bytes', versionBytes),
    ...fact('evictions', 'Evictions', 'count', report.evictions),
    ...fact('baseBytes', 'Memory after the last start', 'bytes', memory?.baseBytes),
    ...fact('expectedBytes', 'Memory that is explained', 'bytes', memory?.expectedBytes),
    ...fact('unexplainedBytes', 'Memory beyond that', 'bytes', memory?.unexplainedBytes),
    ...fact('replica', 'Replica', 'text', replica),
  ]
}
