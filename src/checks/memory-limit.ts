import { SourceError } from '../datasources/datasource.ts'
import { expand } from '../domain/promql.ts'
import type { ServiceMetrics } from '../domain/service.ts'
import type { CheckContext } from './check.ts'

export interface MemoryLimit {
  readonly bytes: number
  /** Who said so, for a person. */
  readonly from: string
}

/** The memory that one replica may hold, from where the service says it stands. Throws `SourceError` where nobody states one. */
export async function memoryLimit(context: CheckContext, metrics: ServiceMetrics): Promise<MemoryLimit> {
  switch (context.service.memoryLimit.from) {
    case 'fixed':
      return { bytes: context.service.memoryLimit.bytes, from: 'incbot.yaml' }
    case 'metrics':
      return limitFromMetrics(context, metrics)
    case 'workload':
      return limitFromWorkload(context)
  }
}

async function limitFromMetrics(
  { service, now, sources, signal }: CheckContext,
  metrics: ServiceMetrics,
): Promise<MemoryLimit> {
  if (metrics.limit === undefined)
    throw new SourceError(
      'not-configured',
      metrics.source,
      `${service.name} takes its memory limit from metrics, but \`metrics.limit\` is missing.`,
    )
  const { value } = await sources.metrics().instant(`min(${expand(metrics.limit, metrics)})`, now, signal)
  const bytes = value[0]?.value
  if (bytes === undefined || !(bytes > 0 && Number.isFinite(bytes)))
    throw new SourceError('missing', metrics.source, `${metrics.source} has no memory limit for ${service.name}.`)
  return { bytes, from: metrics.source }
}

async function limitFromWorkload({ service, sources, signal }: CheckContext): Promise<MemoryLimit> {
  const [workload] = service.workloads
  if (workload === undefined)
    throw new SourceError(
      'not-configured',
      service.name,
      `${service.name} takes its memory limit from its workload, but has no \`workloads\`.`,
    )
  const { value } = await sources.cluster(workload.cluster).workload(workload, signal)
  if (value.memoryLimitBytes === undefined)
    throw new SourceError('missing', workload.cluster, `${workload.kind} ${workload.name} sets no memory limit.`)
  return { bytes: value.memoryLimitBytes, from: `${workload.kind} ${workload.name}` }
}
