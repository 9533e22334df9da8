import { z } from 'zod'
import type { Check } from '../../src/checks/check.ts'
import { duration, environmentVariable } from '../../src/config/fields.ts'
import type { DataSourceKind, Registries } from '../../src/config/registries.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'

const http = { url: z.url(), tokenEnv: environmentVariable.optional(), timeout: duration().prefault('10s') }

/** Kinds with the shapes that incbot.yaml documents. */
export const dataSources: readonly DataSourceKind[] = [
  { type: 'prometheus', config: z.strictObject(http), offers: ['metrics', 'deploys'] },
  { type: 'http-json', config: z.strictObject(http), offers: ['json'] },
  { type: 'pagerduty-changes', config: z.strictObject({}), offers: ['deploys'] },
  { type: 'deploy-log', config: z.strictObject({ path: z.string() }), offers: ['deploys'] },
]

const never = async (): Promise<never> => {
  throw new Error('The configuration never runs anything.')
}

/** A check that states and emits what it is told to. */
export function aCheck(name: string, extra: Partial<Check> = {}): Check {
  return { name, title: name, parameters: z.strictObject({}), signals: {}, facts: [], run: never, ...extra }
}

export function aRemediation(kind: string, parameters: z.ZodType = z.strictObject({})): RemediationKind {
  return { kind, title: kind, parameters, plan: never, execute: never, follow: never, inspect: never, verify: true }
}

/** The four checks of the first incident, with the signals and facts that they promise. */
export const registries: Registries = {
  dataSources,
  checks: [
    aCheck('memory-trend', {
      parameters: z.strictObject({
        window: z.string().default('6h'),
        query: z.string().meta({ format: 'promql' }).optional(),
      }),
      signals: {
        growth: ['deploy_step', 'time_trend', 'with_requests', 'cannot_separate', 'warm_up', 'flat'],
        level: ['above_95', 'above_80', 'below_80'],
        reset: ['restart_frees_then_regrows', 'no_restart_seen'],
      },
      facts: [
        ...['level', 'limit', 'share', 'growthPerHour', 'perDeploy', 'timeToLimit', 'restarts'],
        ...['wholeWindowGrowthPerHour', 'replica', 'headroom', 'deploysLeft'],
      ],
    }),
    aCheck('deploy-count', {
      parameters: z.strictObject({ window: z.string().default('6h') }),
      signals: { deploys: ['many', 'few', 'none'] },
      facts: ['deploys', 'perHour', 'perDeploy', 'retained', 'last', 'window'],
    }),
    aCheck('cache-residency', {
      signals: {
        cache: ['resident_gt_max', 'resident_le_max', 'still_filling'],
        evict: ['evictions_up_rss_not_down', 'evictions_free_memory', 'no_evictions'],
      },
      facts: ['configured', 'resident', 'extra', 'extraBytes', 'evictions', 'perModel'],
    }),
    aCheck('node-allocatable', {
      signals: { binding: ['container_limit', 'node_allocatable'], node: ['pressed', 'roomy'] },
      facts: ['capacity', 'allocatable', 'requested', 'used', 'headroom', 'binding'],
    }),
  ],
  remediations: [
    aRemediation('deploy-freeze', z.strictObject({ duration: z.string().default('2h') })),
    aRemediation('rolling-restart'),
  ],
}
