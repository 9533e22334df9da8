import { z } from 'zod'
import { alertClaims, labelName } from './alert-schema.ts'
import { approvalFields } from './approval-schema.ts'
import { environmentVariable, isSize, line, name, pagerdutyService, promql, slackChannel } from './fields.ts'
import { workingHours } from './schedule-schema.ts'
import { timeZone } from './time-zone.ts'

/** Names of Kubernetes objects: RFC 1123 subdomains. */
export const kubernetesName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, {
  error: 'expected the name of a Kubernetes object (lower-case letters, digits, dashes, dots)',
})

const workload = z.strictObject({
  cluster: name.describe('Name of an entry of clusters.'),
  namespace: kubernetesName,
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet']),
  name: kubernetesName,
  container: kubernetesName
    .describe('The container that the diagnosis is about; the first one where absent.')
    .exactOptional(),
})

const metrics = z
  .strictObject({
    source: name.describe('Name of a data source that answers PromQL.'),
    selector: line.describe('Label matchers that pick out this service, without braces: namespace="ml",pod=~"web-.+".'),
    replicaLabel: labelName.default('pod').describe('The label that tells replicas apart.'),
    memory: promql.describe('Memory in bytes, one series for each replica.').exactOptional(),
    limit: promql.describe('Memory limit in bytes, for memoryLimit: metrics.').exactOptional(),
    processStart: promql.describe('Start time in seconds since the epoch.').exactOptional(),
    requests: promql.describe('Requests per second.').exactOptional(),
    evictions: promql.describe('Counter of evictions from the model cache.').exactOptional(),
  })
  .describe('PromQL of this service; $selector stands for selector.')

/** One entry of `services:` as written. */
export const serviceSchema = z.strictObject({
  pagerduty: z
    .array(pagerdutyService)
    .default([])
    .describe('Ids of the PagerDuty services whose incidents are about this service.'),
  alerts: alertClaims.exactOptional(),
  workloads: z.array(workload).default([]),
  metrics: metrics.exactOptional(),
  memoryLimit: z
    .string()
    .refine((text) => text === 'workload' || text === 'metrics' || isSize(text), {
      error: 'expected workload, metrics, or a size such as 32GB or 32GiB',
      abort: true,
    })
    .describe(
      'Where the memory limit comes from: workload, metrics, or a size such as 32GB. Default: metrics where metrics.limit is given, else workload.',
    )
    .exactOptional(),
  modelCache: z
    .strictObject({
      source: name.describe('Name of a data source that reads JSON.'),
      path: z.string().regex(/^\/[^\s]{0,500}$/, { error: 'expected a path that begins with /' }),
    })
    .exactOptional(),
  deploys: z
    .strictObject({
      source: name.describe('Name of a data source that knows deploys.'),
      counter: promql.describe('Counter of deploys; needed where the source answers PromQL.').exactOptional(),
    })
    .exactOptional(),
  channel: slackChannel.exactOptional(),
  ...approvalFields,
  mode: z
    .enum(['observe', 'propose', 'act'])
    .default('observe')
    .describe(
      'observe: diagnose only. propose: show buttons that say what they would do. act: carry out what was approved.',
    ),
  freezeScope: z.enum(['model', 'workload', 'all']).default('all'),
  timeZone: timeZone
    .describe('Where the people on call are: charts then show local times below those in UTC.')
    .exactOptional(),
  workingHours: workingHours
    .describe('When its people are at work anyway: a pre-alert warns of what would happen before.')
    .exactOptional(),
  units: z.enum(['GB', 'GiB']).default('GiB').describe('How bytes are written: GB counts in thousands, GiB in 1024.'),
})

export type ServiceEntry = z.output<typeof serviceSchema>

/** A token for `GET /v1/freezes`, by the name of the variable that holds it. */
export const gateToken = z.strictObject({ tokenEnv: environmentVariable })
