import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { listen } from '../../../src/sandbox/http.ts'
import { startKubernetesStandIn } from '../../../src/sandbox/kubernetes/index.ts'
import { startPrometheusStandIn } from '../../../src/sandbox/prometheus/index.ts'
import { startSlackStandIn } from '../../../src/sandbox/slack/index.ts'
import { APPROVER, BYSTANDER, COMMAND_SCOPES, freePorts, placeOf } from '../town.ts'

const SECRETS = { bot: 'xoxb-storm', app: 'xapp-storm', signing: 'storm-signing', webhook: 'storm-wh' }
/** Far longer than any check waits. */
const SLOW_MS = 20_000

/** Slack's own words: one post a second and channel, 50 edits a minute; no minute may hold more, wherever it begins. */
const STRICT = { inAnyMinute: { 'chat.postMessage': 61, 'chat.update': 50 } }

export const serviceName = (index: number): string => `service-${index}`

/** Many small services in few channels; a third of them ask a data source that is slow, a third one that is dead. */
export type StormTown = Awaited<ReturnType<typeof startStormTown>>

export async function startStormTown(
  directory: string,
  { services, channels }: { services: number; channels: number },
) {
  const users = [APPROVER, BYSTANDER].map((id) => ({ id, name: id.toLowerCase(), realName: id, email: `${id}@x.test` }))
  const channelIds = Array.from({ length: channels }, (_, index) => `C0TEAM${index}`)
  const slowAsked: number[] = []
  const [slack, kubernetes, prometheus, slow] = await Promise.all([
    startSlackStandIn({
      signingSecret: SECRETS.signing,
      botToken: SECRETS.bot,
      appToken: SECRETS.app,
      scopes: COMMAND_SCOPES,
      users,
      userGroups: [],
      channels: channelIds.map((id) => ({
        id,
        name: id.toLowerCase(),
        members: users.map((one) => one.id),
        botIsMember: true,
      })),
      limits: STRICT,
    }),
    startKubernetesStandIn({
      users: [{ name: 'incbot', token: 'storm-kube', rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }],
      podStartMs: 30,
      podStopMs: 20,
    }),
    startPrometheusStandIn(),
    listen((_req, res) => {
      slowAsked.push(Date.now())
      const timer = setTimeout(() => res.end('{"value":1}'), SLOW_MS)
      res.once('close', () => clearTimeout(timer))
    }),
  ])
  // A port on which nobody listens any more.
  const dead = await listen(() => undefined)
  await dead.stop()
  for (let index = 0; index < services; index += 1)
    for (let minute = 10; minute >= -5; minute -= 1)
      prometheus.append(
        { __name__: 'queue_length', app: serviceName(index) },
        Date.now() - minute * 60_000,
        100 + index,
      )

  const [port = 0, opsPort = 0] = await freePorts()
  const url = `http://127.0.0.1:${port}`
  slack.requestUrl = `${url}/slack/events`
  const path = (name: string): string => join(directory, name)
  await mkdir(path('runbooks'), { recursive: true })
  const sources = {
    metrics: { type: 'prometheus', url: prometheus.url },
    slow: { type: 'http-json', url: slow.url },
    dead: { type: 'http-json', url: dead.url },
  }
  await Promise.all([
    writeFile(path('kubeconfig'), kubernetes.kubeconfig('incbot'), { mode: 0o600 }),
    writeFile(path('incbot.yaml'), stringify(config(path('kubeconfig'), sources, services, channelIds))),
    ...[undefined, 'slow', 'dead'].map((source, third) =>
      writeFile(path(`runbooks/third-${third}.yaml`), stringify(runbook(third, source, services))),
    ),
  ])
  return {
    slack,
    slowAsked,
    channelIds,
    url,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    webhookSecret: SECRETS.webhook,
    dataDir: path('data'),
    env: {
      ...placeOf(path, port, opsPort),
      SLACK_BOT_TOKEN: SECRETS.bot,
      SLACK_SIGNING_SECRET: SECRETS.signing,
      SLACK_API_URL: slack.url,
      PAGERDUTY_WEBHOOK_SECRETS: SECRETS.webhook,
      LOG_LEVEL: 'warn',
    },
    async stop() {
      await Promise.all([slack.stop(), kubernetes.stop(), prometheus.stop(), slow.stop()])
    },
  }
}

function config(kubeconfig: string, dataSources: object, services: number, channelIds: readonly string[]): object {
  const access = { kubeconfig, context: 'sandbox' }
  const entries = Array.from({ length: services }, (_, index) => [
    serviceName(index),
    {
      pagerduty: [`PSERVICE${index}`],
      metrics: { source: 'metrics', selector: `app="${serviceName(index)}"` },
      channel: channelIds[index % channelIds.length],
      approvers: { users: [APPROVER] },
      mode: 'act',
    },
  ])
  return {
    slack: { fallbackChannel: channelIds[0] },
    clusters: { town: { read: access, write: access } },
    dataSources,
    services: Object.fromEntries(entries),
  }
}

function runbook(third: number, source: string | undefined, services: number): object {
  const ofThird = Array.from({ length: services }, (_, index) => index).filter((index) => index % 3 === third)
  const signal = { group: 'queue', problem: 'long', clear: 'short' }
  return {
    name: `third-${third}`,
    title: 'A queue that is too long',
    match: { services: ofThird.map(serviceName) },
    checks: [
      { check: 'prometheus-query', with: { query: 'max(queue_length{$selector})', above: 50, what: 'Queue', signal } },
      ...(source === undefined
        ? []
        : [
            {
              check: 'http-json',
              with: { source, path: '/', pointer: '/value', above: 5, what: 'Value' },
              timeout: '5s',
            },
          ]),
    ],
    hypotheses: [
      {
        id: 'flooded',
        title: 'More comes in than goes out',
        prior: 0.5,
        evidence: { queue: { long: 50 } },
        now: ['Freeze deploys.'],
      },
    ],
    remediations: [{ kind: 'deploy-freeze', when: ['flooded'], with: { duration: '2h' } }],
  }
}
