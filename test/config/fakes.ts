import { z } from 'zod'
import type { Check } from '../../src/checks/check.ts'
import { duration, environmentVariable } from '../../src/config/fields.ts'
import type { DataSourceKind, Registries } from '../../src/config/registries.ts'
import type { RemediationKind } from '../../src/remediations/remediation.ts'

const http = { url: z.url(), tokenEnv: environmentVariable.optional(), timeout: duration().prefault('10s') }

/** Kinds with the shapes that incbot.yaml documents. */
const dataSources: readonly DataSourceKind[] = [
  { type: 'prometheus', config: z.strictObject(http), offers: ['metrics', 'deploys'] },
  { type: 'http-json', config: z.strictObject(http), offers: ['json'] },
  { type: 'pagerduty-changes', config: z.strictObject({}), offers: ['deploys'] },
  { type: 'deploy-log', config: z.strictObject({ path: z.string() }), offers: ['deploys'] },
]

const never = async (): Promise<never> => {
  throw new Error('The configuration never runs anything.')
}

/** A check that states and emits what it is told to. */
function aCheck(name: string, extra: Partial<Check> = {}): Check {
  return { name, title: name, parameters: z.strictObject({}), signals: {}, facts: [], run: never, ...extra }
}

function aRemediation(kind: string, parameters: z.ZodType = z.strictObject({})): RemediationKind {
  return {
    kind,
    title: kind,
    parameters,
    verify: true,
    restarts: false,
    plan: never,
    changed: never,
    execute: never,
    follow: never,
    halt: never,
    inspect: never,
  }
}

/** What a runbook of the tests may name. */
export const registries: Registries = {
  dataSources,
  checks: [
    aCheck('memory', {
      parameters: z.strictObject({
        window: duration().prefault('6h'),
        query: z.string().meta({ format: 'promql' }).optional(),
      }),
      signals: { growth: ['deploy_step', 'flat'], level: ['high', 'low'] },
      facts: ['level', 'limit'],
    }),
    aCheck('cache', {
      parameters: z.strictObject({ model: z.string() }),
      signals: { cache: ['too_many', 'within'] },
      facts: ['resident'],
    }),
  ],
  remediations: [
    aRemediation('freeze', z.strictObject({ duration: duration().prefault('2h') })),
    aRemediation('restart'),
  ],
}
