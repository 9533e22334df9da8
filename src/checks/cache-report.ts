import { z } from 'zod'
import { SourceError } from '../datasources/datasource.ts'
import type { CheckContext } from './check.ts'

/** What a service's `/debug/models` says: the cache's size, what is really resident, and how often it says it evicted. */
const cacheReport = z.object({
  max_size: z.number().int().positive(),
  evictions: z.number().nonnegative().optional(),
  resident: z.array(
    z.object({
      model: z.string(),
      version: z.union([z.string(), z.number()]),
      bytes: z.number().nonnegative().optional(),
      /** With an offset, so that nobody has to guess the zone. */
      loaded_at: z.iso.datetime({ offset: true }).optional(),
    }),
  ),
})

export type CacheReport = z.output<typeof cacheReport>

/** Asks the named replica, or the service where it answers for all. Throws `SourceError` where no report comes back. */
export async function readCacheReport(
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
