import { z } from 'zod'
import { alertmanagerSchema, groupingSchema } from './alert-schema.ts'
import { duration, line, name, people, slackChannel, slackCommand, slackWorkspace } from './fields.ts'
import type { DataSourceKind } from './registries.ts'
import { digest, scheduleEntry, workingHours } from './schedule-schema.ts'
import { gateToken, kubernetesName, serviceSchema } from './service-schema.ts'

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
  admission: z
    .strictObject({ namespace: kubernetesName.describe('Where `incbot install kubernetes` put the ConfigMap.') })
    .describe('The cluster itself refuses frozen deploys, by what `incbot install kubernetes` prints.')
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
    alertmanager: alertmanagerSchema,
    grouping: groupingSchema,
    clusters: z.record(name, cluster).default({}),
    dataSources: z.record(name, dataSource(kinds)).default({}),
    services: z.record(name, serviceSchema).describe('The service catalogue.'),
    gate: z
      .strictObject({
        tokens: z.record(name, gateToken).default({}).describe('Tokens that may ask GET /v1/freezes/{service}.'),
        staleFor: duration()
          .prefault('5m')
          .describe('How old an answer from memory may be while the records cannot be read.'),
      })
      .prefault({})
      .describe('The gate that pipelines ask before they deploy.'),
    workingHours: workingHours
      .describe('When people are at work anyway, for all services that do not say it themselves.')
      .exactOptional(),
    schedule: z
      .record(name, scheduleEntry)
      .default({})
      .describe('Runbooks whose checks run without anybody asking, to open a pre-alert.'),
    digest: digest.describe('The hand-off digest; none where absent.').exactOptional(),
    admins: people.default({ users: [], groups: [] }).describe('Who may use the kill switch.'),
  })
}

export type ConfigFile = z.output<ReturnType<typeof configSchema>>
