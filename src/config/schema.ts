import { z } from 'zod'
import { duration, line, name, people, slackChannel, slackCommand, slackWorkspace } from './fields.ts'
import type { DataSourceKind } from './registries.ts'
import { gateToken, serviceSchema } from './service-schema.ts'

const slack = z.strictObject({
  command: slackCommand.default('/inc').describe('The slash command; change it where another app has /inc.'),
  fallbackChannel: slackChannel.describe('Where incidents of services that are not listed here are posted.'),
  workspace: slackWorkspace
    .describe('The workspace whose people may give commands; any that installed the app where absent.')
    .exactOptional(),
})

const credentials = z.strictObject({ kubeconfig: line.describe('Path of a kubeconfig file.'), context: line })

const cluster = z.strictObject({
  read: credentials.describe('For diagnosis; KUBECONFIG or the pod’s own account where absent.').exactOptional(),
  write: credentials
    .describe('For remediations; where absent, nothing in this cluster can be changed.')
    .exactOptional(),
})

function dataSource(kinds: readonly DataSourceKind[]) {
  const [first, ...others] = kinds.map((kind) => kind.config.safeExtend({ type: z.literal(kind.type) }))
  // Without any kind no data source can be right; with none listed nothing is wrong.
  return first === undefined ? z.never() : z.discriminatedUnion('type', [first, ...others])
}

/** incbot.yaml as a person writes it. Data sources are described by their kinds. */
export function configSchema(kinds: readonly DataSourceKind[]) {
  return z.strictObject({
    slack,
    pagerduty: z
      .strictObject({ sweepEvery: duration().prefault('5m').describe('How often open incidents are asked for.') })
      .prefault({}),
    clusters: z.record(name, cluster).default({}),
    dataSources: z.record(name, dataSource(kinds)).default({}),
    services: z.record(name, serviceSchema).describe('The service catalogue.'),
    gate: z
      .strictObject({ tokens: z.record(name, gateToken).default({}) })
      .prefault({})
      .describe('Tokens that may ask GET /v1/freezes/{service}.'),
    admins: people.default({ users: [], groups: [] }).describe('Who may use the kill switch.'),
  })
}

export type ConfigFile = z.output<ReturnType<typeof configSchema>>
