import { z } from 'zod'
import { duration } from '../config/fields.ts'
import { SourceError } from '../datasources/datasource.ts'
import type { Fact, FindingBody } from '../domain/finding.ts'
import type { Service } from '../domain/service.ts'
import { formatBytes } from '../domain/units.ts'
import type { CheckContext } from './check.ts'
import { defineCheck } from './check.ts'
import type { MemoryEvidence } from './memory-evidence.ts'
import { memoryEvidence } from './memory-evidence.ts'

/** What a service's `/debug/models` says: the cache's size, what is really resident, and how often it says it evicted. */
const cacheReport = z.object({
  max_size: z.number().int().positive(),
  evictions: z.number().nonnegative().optional(),
  resident: z.array(
    z.object({
      model: z.string(),
      version: z.union([z.string(), z.number()]),
      bytes: z.number().nonnegative().optional(),
    }),
  ),
})

type CacheReport = z.output<typeof cacheReport>

/** How many model versions the cache may hold against how many are really in memory. */
export const cacheResidency = defineCheck({
  name: 'cache-residency',
  title: 'Model cache',
  parameters: z.strictObject({
    window: duration().prefault('6h').meta({
      description: 'How far back memory is looked at, to find the fullest replica and whether evictions free anything.',
    }),
  }),
  signals: {
    cache: ['resident_gt_max', 'resident_le_max', 'still_filling'],
    evict: ['evictions_up_rss_not_down', 'evictions_free_memory', 'no_evictions'],
  },
  facts: [
    'resident',
    'configured',
    'extra',
    'extraBytes',
    'perModel',
    'versionsOfOne',
    'models',
    'evictions',
    'replica',
  ],
  async run(context, { window }) {
    const memory = await fullestReplica(context, window)
    const report = await readReport(context, memory?.worst.name)
    return finding(context.service, report, memory)
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

async function readReport(
  { service, sources, signal }: CheckContext,
  replica: string | undefined,
): Promise<CacheReport> {
  const { modelCache } = service
  if (modelCache === undefined)
    throw new SourceError('not-configured', service.name, `${service.name} has no \`modelCache\` in incbot.yaml.`)
  if (modelCache.path.includes('{replica}') && replica === undefined) {
    throw new SourceError(
      'missing',
      modelCache.source,
      'Which replica to ask is unknown, because its metrics did not answer.',
    )
  }
  const path = modelCache.path.replaceAll('{replica}', encodeURIComponent(replica ?? ''))
  const { value } = await sources.json(modelCache.source).get(path, signal)
  const parsed = cacheReport.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new SourceError(
    'bad-answer',
    modelCache.source,
    `${modelCache.source} answered ${path}, but not with a cache report: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
  )
}

function finding(service: Service, report: CacheReport, memory: MemoryEvidence | undefined): FindingBody {
  const resident = report.resident.length
  const extra = Math.max(0, resident - report.max_size)
  const versions = countBy(report.resident.map((one) => one.model))
  const versionsOfOne = Math.max(0, ...versions.values())
  const perModel = bytesPerVersion(report, memory)
  const extraBytes = perModel === undefined ? undefined : extra * perModel
  const evict = evictSignal(report, extra, memory)
  const bytes = extraBytes === undefined ? '' : ` ≈ ${formatBytes(extraBytes, service.units)}`
  return {
    verdict: extra > 0 ? 'problem' : 'clear',
    ...(extra > 0 && { severity: 'high' as const }),
    headline:
      extra > 0
        ? `The cache is set to ${report.max_size}, but ${resident} model versions are resident: ${extra} too many${bytes}`
        : `${resident} model versions are resident, within the cache's ${report.max_size}`,
    details: [
      `${versions.size} models, up to ${versionsOfOne} versions of one.`,
      ...(report.evictions === undefined
        ? []
        : [
            `${report.evictions} evictions reported${evict === 'evictions_up_rss_not_down' ? ', and memory did not go down' : ''}.`,
          ]),
    ],
    facts: facts(report, {
      resident,
      extra,
      extraBytes,
      perModel,
      versionsOfOne,
      models: versions.size,
      replica: memory?.worst.name,
    }),
    signals: {
      cache: extra > 0 ? 'resident_gt_max' : resident < report.max_size ? 'still_filling' : 'resident_le_max',
      ...(evict !== undefined && { evict }),
    },
    charts: [],
  }
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** As the report says; else what the analysis found each deploy to leave behind. */
function bytesPerVersion(report: CacheReport, memory: MemoryEvidence | undefined): number | undefined {
  const sizes = report.resident.flatMap((one) => one.bytes ?? [])
  if (sizes.length > 0) return sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  return memory?.worst.verdict.bytesPerDeploy
}

/** Evictions are said to have happened; did memory follow? */
function evictSignal(report: CacheReport, extra: number, memory: MemoryEvidence | undefined): string | undefined {
  if (report.evictions === undefined) return undefined
  if (report.evictions === 0) return 'no_evictions'
  const growing = memory?.worst.verdict.verdict === 'confirmed' || memory?.worst.verdict.verdict === 'suspected'
  if (extra > 0 || growing) return 'evictions_up_rss_not_down'
  return memory === undefined ? undefined : 'evictions_free_memory'
}

function facts(
  report: CacheReport,
  known: {
    resident: number
    extra: number
    extraBytes: number | undefined
    perModel: number | undefined
    versionsOfOne: number
    models: number
    replica: string | undefined
  },
): readonly Fact[] {
  const { resident, extra, extraBytes, perModel, versionsOfOne, models, replica } = known
  return [
    { id: 'resident', label: 'Resident versions', value: resident, unit: 'count' },
    { id: 'extra', label: 'Versions too many', value: extra, unit: 'count' },
    { id: 'configured', label: 'Cache size', value: report.max_size, unit: 'count' },
    ...(extraBytes === undefined
      ? []
      : [{ id: 'extraBytes', label: 'In versions too many', value: extraBytes, unit: 'bytes' as const }]),
    { id: 'models', label: 'Models', value: models, unit: 'count' },
    { id: 'versionsOfOne', label: 'Versions of one model', value: versionsOfOne, unit: 'count' },
    ...(perModel === undefined
      ? []
      : [{ id: 'perModel', label: 'Size of a version', value: perModel, unit: 'bytes' as const }]),
    ...(report.evictions === undefined
      ? []
      : [{ id: 'evictions', label: 'Evictions', value: report.evictions, unit: 'count' as const }]),
    ...(replica === undefined ? [] : [{ id: 'replica', label: 'Replica', value: replica, unit: 'text' as const }]),
  ]
}
