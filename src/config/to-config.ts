import type { ApprovalPolicy, MemoryLimitSource, Service, ServiceMetrics } from '../domain/service.ts'
import type { Config, NamedSecret } from './config.ts'
import { formatPath, type Path } from './problem.ts'
import { parseSize } from './quantities.ts'
import { entries, items } from './raw.ts'
import type { ConfigFile } from './schema.ts'
import type { ServiceEntry } from './service-schema.ts'
import { toDigest, toScheduledCheck, toWorkingHours } from './to-schedule.ts'

/** The file's content in the domain's words. */
export function toConfig(file: string, content: ConfigFile): Config {
  return {
    file,
    slack: content.slack,
    pagerduty: { sweepEveryMs: content.pagerduty.sweepEvery },
    alertmanager: content.alertmanager,
    grouping: { withinMs: content.grouping.within },
    clusters: Object.entries(content.clusters).map(([name, cluster]) => ({ name, ...cluster })),
    dataSources: Object.entries(content.dataSources).map(([name, { type, ...settings }]) => ({
      name,
      type: String(type),
      settings,
    })),
    services: Object.entries(content.services).map(([name, entry]) => toService(name, entry, content.workingHours)),
    gate: {
      tokens: Object.entries(content.gate.tokens).map(([name, { tokenEnv }]) => ({ name, tokenEnv })),
      staleForMs: content.gate.staleFor,
    },
    schedule: Object.entries(content.schedule).map(([name, entry]) => toScheduledCheck(name, entry)),
    ...(content.digest && { digest: toDigest(content.digest, content.slack.fallbackChannel) }),
    admins: content.admins,
    secrets: [...namedSecrets(content.dataSources, ['dataSources']), ...namedSecrets(content.gate, ['gate'])],
  }
}

function toService(name: string, entry: ServiceEntry, shared: ConfigFile['workingHours']): Service {
  const { pagerduty, metrics, memoryLimit, units, approval, escalationPolicy, restartBudget, workingHours, ...same } =
    entry
  return {
    ...same,
    name,
    pagerdutyServiceIds: pagerduty,
    ...(metrics === undefined ? {} : { metrics: withMemory(metrics, entry) }),
    ...(approval && { approval: toPolicies(approval) }),
    ...(escalationPolicy !== undefined && { escalationPolicyId: escalationPolicy }),
    ...(restartBudget && { restartBudget: { restarts: restartBudget.restarts, withinMs: restartBudget.within } }),
    memoryLimit: toMemoryLimit(memoryLimit ?? (metrics?.limit === undefined ? 'workload' : 'metrics')),
    ...((workingHours ?? shared) && { workingHours: toWorkingHours(workingHours, shared, entry.timeZone) }),
    units: units === 'GB' ? 'decimal' : 'binary',
  }
}

function toPolicies(approval: NonNullable<ServiceEntry['approval']>): Readonly<Record<string, ApprovalPolicy>> {
  return Object.fromEntries(
    Object.entries(approval).map(([kind, { expiresAfter, reason, ...same }]): [string, ApprovalPolicy] => [
      kind,
      {
        ...same,
        ...(expiresAfter !== undefined && { expiresAfterMs: expiresAfter }),
        ...(reason !== undefined && { reasonRequired: reason === 'required' }),
      },
    ]),
  )
}

/**
 * What cAdvisor counts towards the limit. Named containers are asked for by name, so that a sidecar is not taken for a second
 * series of the replica; an empty container label is the pod's sum.
 */
function withMemory(metrics: NonNullable<ServiceEntry['metrics']>, entry: ServiceEntry): ServiceMetrics {
  const container = entry.workloads[0]?.container
  const matcher = container === undefined ? 'container!=""' : `container="${container}"`
  return { ...metrics, memory: metrics.memory ?? `container_memory_working_set_bytes{$selector,${matcher}}` }
}

function toMemoryLimit(text: string): MemoryLimitSource {
  if (text === 'workload' || text === 'metrics') return { from: text }
  return { from: 'fixed', bytes: parseSize(text) ?? Number.NaN } // the schema let sizes through only
}

function namedSecrets(value: unknown, path: Path): NamedSecret[] {
  return [...entries(value), ...items(value)].flatMap(([key, inner]) =>
    key === 'tokenEnv' && typeof inner === 'string'
      ? [{ variable: inner, usedBy: formatPath([...path, key]) }]
      : namedSecrets(inner, [...path, key]),
  )
}
