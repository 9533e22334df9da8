import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startKubernetesStandIn } from '../../src/sandbox/kubernetes/index.ts'
import { startPagerDutyStandIn } from '../../src/sandbox/pagerduty/index.ts'
import { startPrometheusStandIn } from '../../src/sandbox/prometheus/index.ts'
import { startSlackStandIn } from '../../src/sandbox/slack/index.ts'

export const SERVICES = 8
/** These have memory to measure, and so a chart in the thread. */
const MEASURED = 3
export const NAMESPACE = 'town'
export const APPROVER = 'U0ONCALL'
export const BYSTANDER = 'U0GUEST'
export const COMMAND_SCOPES = [
  'commands',
  'chat:write',
  'chat:write.public',
  'channels:history',
  'files:read',
  'files:write',
]
const SECRETS = {
  bot: 'xoxb-town',
  app: 'xapp-town',
  signing: 'town-signing',
  pagerDuty: 'town-pd',
  webhook: 'town-wh',
  kubernetes: 'town-kube',
}

/** Everything around one bot: strict stand-ins with a handful of small services, whose checks answer at once. */
export type Town = Awaited<ReturnType<typeof startTown>>

export const serviceName = (index: number): string => `service-${index}`
export const pagerDutyServiceId = (index: number): string => `PSERVICE${index}`
const channelOf = (index: number): string => `C0SERVICE${index}`
export const channels = [...Array.from({ length: SERVICES }, (_, index) => channelOf(index)), 'C0FALLBACK']
export const kindOf = (index: number): 'Deployment' | 'StatefulSet' => (index % 2 === 0 ? 'Deployment' : 'StatefulSet')

export interface TownOptions {
  /** Pods of each service. */
  readonly replicas?: number
  readonly podStartMs?: number
  readonly secrets?: Partial<typeof SECRETS>
  /** How often the bots ask PagerDuty for what no webhook told, such as `3s`; incbot's own default unless given. */
  readonly sweepEvery?: string
  /** The bots call Slack and hold a connection open, instead of being called. */
  readonly socketMode?: boolean
}

export async function startTown(directory: string, options: TownOptions = {}) {
  const { replicas = 2, podStartMs = 30, sweepEvery, socketMode = false } = options
  const secrets = { ...SECRETS, ...options.secrets }
  const users = [APPROVER, BYSTANDER].map((id) => ({ id, name: id.toLowerCase(), realName: id, email: `${id}@x.test` }))
  const indexes = Array.from({ length: SERVICES }, (_, index) => index)
  const [slack, pagerduty, kubernetes, prometheus] = await Promise.all([
    startSlackStandIn({
      signingSecret: secrets.signing,
      botToken: secrets.bot,
      appToken: secrets.app,
      scopes: COMMAND_SCOPES,
      users,
      userGroups: [],
      channels: channels.map((id) => ({
        id,
        name: id.toLowerCase(),
        members: users.map((one) => one.id),
        botIsMember: true,
      })),
      // Each life of the bot starts with full budgets of its own, so that Slack's real limits would only make the settling slow.
      limits: {
        postMessagePerSecond: 2,
        perMinute: { 'chat.update': 400, 'conversations.history': 200, 'conversations.replies': 200 },
      },
    }),
    startPagerDutyStandIn({
      token: secrets.pagerDuty,
      retryDelayMs: 100,
      services: indexes.map((index) => ({
        id: pagerDutyServiceId(index),
        name: `${serviceName(index)}-prod`,
        escalationPolicyId: 'PPOLICY',
      })),
      users: [{ id: 'PUBOT', name: 'incbot', email: 'incbot@x.test' }],
    }),
    startKubernetesStandIn({
      users: [
        { name: 'incbot', token: secrets.kubernetes, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
      ],
      podStartMs,
      podStopMs: 20,
    }),
    startPrometheusStandIn(),
  ])
  for (const object of [namespace(), node(), ...indexes.map((index) => workload(index, replicas))])
    kubernetes.apply(object)
  for (const index of indexes.slice(0, MEASURED)) measure(prometheus, index)

  const [port = 0, opsPort = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  slack.requestUrl = socketMode ? undefined : `${url}/slack/events`
  const path = (name: string): string => join(directory, name)
  await mkdir(path('runbooks'), { recursive: true })
  await Promise.all([
    writeFile(path('kubeconfig'), kubernetes.kubeconfig('incbot'), { mode: 0o600 }),
    writeFile(path('incbot.yaml'), stringify(config(path('kubeconfig'), prometheus.url, sweepEvery))),
    writeFile(path('runbooks/measured.yaml'), stringify(runbook('measured', indexes.slice(0, MEASURED)))),
    writeFile(path('runbooks/plain.yaml'), stringify(runbook('plain', indexes.slice(MEASURED)))),
  ])
  return {
    slack,
    pagerduty,
    kubernetes,
    prometheus,
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    webhookSecret: secrets.webhook,
    dataDir: path('data'),
    env: {
      ...placeOf(path, port, opsPort),
      SLACK_BOT_TOKEN: secrets.bot,
      ...(socketMode ? { SLACK_APP_TOKEN: secrets.app } : { SLACK_SIGNING_SECRET: secrets.signing }),
      SLACK_API_URL: slack.url,
      PAGERDUTY_WEBHOOK_SECRETS: secrets.webhook,
      PAGERDUTY_API_TOKEN: secrets.pagerDuty,
      PAGERDUTY_FROM: 'incbot@x.test',
      PAGERDUTY_API_URL: pagerduty.url,
      PAGERDUTY_EVENTS_URL: pagerduty.eventsUrl,
    },
    async stop() {
      await Promise.all([slack.stop(), pagerduty.stop(), kubernetes.stop(), prometheus.stop()])
    },
  }
}

/** Where a bot finds its files, and where it listens. */
export function placeOf(path: (name: string) => string, port: number, opsPort: number) {
  return {
    INCBOT_CONFIG: path('incbot.yaml'),
    INCBOT_RUNBOOKS: path('runbooks'),
    INCBOT_DATA_DIR: path('data'),
    HOST: '127.0.0.1',
    PORT: String(port),
    OPS_PORT: String(opsPort),
  }
}

function config(kubeconfig: string, prometheusUrl: string, sweepEvery: string | undefined): object {
  const access = { kubeconfig, context: 'sandbox' }
  const services = Array.from({ length: SERVICES }, (_, index) => [
    serviceName(index),
    {
      pagerduty: [pagerDutyServiceId(index)],
      workloads: [{ cluster: 'town', namespace: NAMESPACE, kind: kindOf(index), name: serviceName(index) }],
      ...(index < MEASURED && {
        metrics: { source: 'metrics', selector: `app="${serviceName(index)}"`, memory: 'memory_bytes{$selector}' },
        memoryLimit: '2GB',
      }),
      channel: channelOf(index),
      approvers: { users: [APPROVER] },
      mode: 'act',
      // However often: what is broken here is incbot, not the service.
      restartBudget: { restarts: 100, within: '24h' },
    },
  ])
  return {
    slack: { fallbackChannel: 'C0FALLBACK' },
    // Each incident of the town is judged by its own card.
    grouping: { within: 'off' },
    ...(sweepEvery !== undefined && { pagerduty: { sweepEvery } }),
    clusters: { town: { read: access, write: access } },
    dataSources: { metrics: { type: 'prometheus', url: prometheusUrl } },
    services: Object.fromEntries(services),
  }
}

function runbook(name: string, services: readonly number[]): object {
  return {
    name,
    title: 'Whatever happens here can be frozen and restarted',
    match: { services: services.map(serviceName) },
    checks: [
      { check: 'node-allocatable', timeout: '5s' },
      ...(name === 'measured' ? [{ check: 'memory-trend', with: { window: '6h' }, timeout: '5s' }] : []),
    ],
    hypotheses: [
      {
        id: 'restartable',
        title: 'Something that a restart may cure',
        prior: 0.5,
        evidence: { node: { roomy: 50, pressed: 50 } },
        now: ['Freeze, then restart.'],
      },
    ],
    remediations: [
      { kind: 'deploy-freeze', when: ['restartable'], with: { duration: '2h' } },
      { kind: 'rolling-restart', when: ['restartable'] },
    ],
    verifyAfter: '1s',
  }
}

const namespace = () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })

const node = () => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-a' },
  status: { capacity: { cpu: '64', memory: '256Gi', pods: '110' } },
})

function workload(index: number, replicas: number) {
  const name = serviceName(index)
  const resources = { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } }
  return {
    apiVersion: 'apps/v1',
    kind: kindOf(index),
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      ...(kindOf(index) === 'StatefulSet' && { serviceName: name, podManagementPolicy: 'Parallel' }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'server', image: `${name}:1`, resources }] },
      },
    },
  }
}

/** Six hours of memory that creeps up. */
function measure(prometheus: Awaited<ReturnType<typeof startPrometheusStandIn>>, index: number): void {
  const labels = { __name__: 'memory_bytes', app: serviceName(index), pod: `${serviceName(index)}-0` }
  const now = Date.now()
  for (let minute = 360; minute >= -5; minute -= 1)
    prometheus.append(labels, now - minute * 60_000, 1e9 + (360 - minute) * 2e6)
}

/** Below the ports that the system gives to whoever asks for any: while the bot is dead, nobody must get its own. */
const PORTS = { first: 12_000, count: 20_000 }

/** That many, none of which the system gives to anybody else while nobody listens there. */
export async function freePorts(count = 2): Promise<readonly number[]> {
  for (;;) {
    const first = PORTS.first + randomInt(PORTS.count)
    const ports = Array.from({ length: count }, (_, index) => first + index)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return ports
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
