import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startSlackStandIn } from '../../src/sandbox/slack/index.ts'
import { WEBHOOK_SECRET } from '../intake/webhooks.ts'

const TOKEN = 'xoxb-bench'
const SIGNING = 'bench-signing'

export interface OfficePlan {
  readonly directory: string
  readonly services: number
  /** Where its metrics come from; absent: the services have none. */
  readonly prometheusUrl?: string
  /** How its one cluster is reached; absent: it has none. */
  readonly kubeconfig?: string
  /** Checks of the one runbook that all services share. */
  readonly checks: readonly object[]
}

export const serviceName = (index: number): string => `service-${index}`
export const pagerDutyServiceId = (index: number): string => `PSERVICE${index}`
/** Services share channels only where there are more of them than this. */
const CHANNELS = 100
export const channelOf = (index: number): string => `C0SERVICE${index % CHANNELS}`

/** A Slack and the files of a bot with so many services, each with a channel of its own. */
export async function openOffice({ directory, services, prometheusUrl, kubeconfig, checks }: OfficePlan) {
  const indexes = Array.from({ length: services }, (_, index) => index)
  const channels = [...new Set(indexes.map(channelOf)), 'C0FALLBACK']
  const slack = await startSlackStandIn({
    signingSecret: SIGNING,
    botToken: TOKEN,
    appToken: 'xapp-bench',
    scopes: ['commands', 'chat:write', 'chat:write.public', 'channels:history', 'files:read', 'files:write'],
    users: [],
    userGroups: [],
    channels: channels.map((id) => ({ id, name: id.toLowerCase(), members: [], botIsMember: true })),
  })
  const path = (name: string): string => join(directory, name)
  await mkdir(path('runbooks'), { recursive: true })
  if (kubeconfig !== undefined) await writeFile(path('kubeconfig'), kubeconfig, { mode: 0o600 })
  const cluster =
    kubeconfig === undefined
      ? {}
      : { clusters: { town: { read: { kubeconfig: path('kubeconfig'), context: 'sandbox' } } } }
  await writeFile(path('incbot.yaml'), stringify({ ...config(indexes, prometheusUrl), ...cluster }))
  await writeFile(path('runbooks/bench.yaml'), stringify(runbook(checks)))
  return {
    slack,
    env: {
      INCBOT_CONFIG: path('incbot.yaml'),
      INCBOT_RUNBOOKS: path('runbooks'),
      INCBOT_DATA_DIR: path('data'),
      SLACK_BOT_TOKEN: TOKEN,
      SLACK_SIGNING_SECRET: SIGNING,
      SLACK_API_URL: slack.url,
      PAGERDUTY_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    },
  }
}

function config(indexes: readonly number[], prometheusUrl: string | undefined): object {
  const services = indexes.map((index) => [
    serviceName(index),
    {
      pagerduty: [pagerDutyServiceId(index)],
      workloads: [],
      ...(prometheusUrl !== undefined && {
        metrics: { source: 'metrics', selector: `app="${serviceName(index)}"`, memory: 'memory_bytes{$selector}' },
        memoryLimit: '2GB',
      }),
      channel: channelOf(index),
      mode: 'observe',
    },
  ])
  return {
    slack: { fallbackChannel: 'C0FALLBACK' },
    ...(prometheusUrl !== undefined && { dataSources: { metrics: { type: 'prometheus', url: prometheusUrl } } }),
    services: Object.fromEntries(services),
  }
}

function runbook(checks: readonly object[]): object {
  return {
    name: 'bench',
    title: 'Memory of a service',
    match: {},
    checks,
    hypotheses: [
      {
        id: 'leak',
        title: 'Memory is not given back',
        prior: 0.5,
        evidence: { growth: { time_trend: 10 } },
        now: ['Restart it.'],
      },
    ],
    remediations: [],
  }
}
