import { randomUUID } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checks } from '../checks/index.ts'
import { parseDuration } from '../config/quantities.ts'
import { freezeGate } from '../freeze/gate.ts'
import { mainRoutes } from '../http/routes.ts'
import { startServer } from '../http/server.ts'
import { inProcessJobs } from '../jobs/in-process/in-process-jobs.ts'
import { startSweep } from '../jobs/sweep.ts'
import { createHealth } from '../ops/health.ts'
import { createMetrics } from '../ops/metrics.ts'
import { startSchedule } from '../ops/schedule.ts'
import { startOpsServer } from '../ops/server.ts'
import { createPagerDutyClient } from '../pagerduty/client.ts'
import { pagerDutyDirectory } from '../pagerduty/directory.ts'
import { pagerDutyProjection } from '../pagerduty/projection.ts'
import { startPagerDutySweep } from '../pagerduty/sweep.ts'
import { pagerDutyWebhook } from '../pagerduty/webhook-route.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import { createCommands } from '../pipeline/commands.ts'
import { createKillSwitch } from '../pipeline/kill-switch.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import type { Logger, Ports } from '../pipeline/ports.ts'
import { serviceSources } from '../pipeline/service-sources.ts'
import { remediationKinds } from '../remediations/index.ts'
import { createSlackCall } from '../slack/api.ts'
import { createSlackBot } from '../slack/bot.ts'
import { renderChart } from '../slack/chart/index.ts'
import { createGroups } from '../slack/groups.ts'
import { createOutbox } from '../slack/outbox.ts'
import { slackProjection } from '../slack/projection.ts'
import { openSqliteStore } from '../store/sqlite/open.ts'
import { openSources, openWriters } from './connections.ts'
import type { Loaded } from './load.ts'
import { createRunbookShelf } from './runbook-shelf.ts'

/** PagerDuty retries for 48 h, and what is older is not acted on: a key is needed no longer than that. */
const KEYS_KEPT_MS = 50 * 3_600_000
const SWEEP_MS = 10_000
/** Time for what is under way, within the 30 s that Kubernetes gives a pod to end. */
const DRAIN_MS = 15_000
const WARM_MS = 10_000

export interface App {
  readonly url: string
  readonly opsUrl: string
  /** Reads the runbooks again; work that is under way keeps the ones it began with. */
  reload(): Promise<void>
  /** Takes no more, finishes or parks what is under way, closes. */
  stop(): Promise<void>
}

/** Joins everything: the only file that knows all parts by name. */
export async function startApp(
  { environment, config, secrets }: Loaded,
  log: Logger,
  scrub: (text: string) => string,
): Promise<App> {
  const now = Date.now
  const owner = randomUUID()
  const metrics = createMetrics()
  await mkdir(environment.dataDir, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore({ path: join(environment.dataDir, 'incbot.db'), ownerId: owner })
  const jobs = inProcessJobs({
    concurrency: 32,
    now,
    onError: (key, error) => log.error({ err: error, key }, 'Job failed and will be tried again'),
  })
  const catalogue = createCatalogue(config.services)
  const shelf = await createRunbookShelf(
    environment.runbooks,
    config.services.map(({ name }) => name),
    log,
  )
  const switchFile = join(environment.dataDir, 'OFF')
  const killSwitch = createKillSwitch(store, switchFile, () =>
    access(switchFile).then(
      () => true,
      () => false,
    ),
  )
  const { apiToken, from, apiUrl } = environment.pagerduty
  const pagerDuty =
    apiToken === undefined || from === undefined
      ? undefined
      : createPagerDutyClient({ token: apiToken, from, baseUrl: apiUrl, timeoutMs: 8_000, logger: log })
  const sources = openSources(config, {
    now,
    secret: (variable) => (variable === undefined ? undefined : secrets.get(variable)),
    changeEvents:
      pagerDuty &&
      ((id, since, until, signal) =>
        pagerDuty
          .changeEvents(id, since, until, signal)
          .then((all) => all.map(({ at, summary }) => ({ at, what: summary })))),
  })

  const call = createSlackCall({ botToken: environment.slack.botToken ?? '', apiUrl: environment.slack.apiUrl })
  const groupsOf = createGroups({ call, now, log })
  const outbox = createOutbox({ call, now, meter: metrics })
  const ports: Ports = {
    now,
    newId: () => randomUUID().replaceAll('-', ''),
    log,
    meter: metrics,
    store,
    jobs,
    owner,
    catalogue: () => catalogue,
    runbooks: shelf.runbooks,
    checks: new Map(checks.map((check) => [check.name, check])),
    remediations: new Map(remediationKinds.map((kind) => [kind.kind, kind])),
    sources: (service) => serviceSources(service, sources),
    writer: openWriters(config),
    directory: { groupsOf, ...pagerDutyDirectory({ client: pagerDuty, log }) },
    projections: [
      slackProjection({
        outbox,
        store,
        renderChart,
        fallbackChannel: config.slack.fallbackChannel,
        now,
        log,
        meter: metrics,
      }),
      pagerDutyProjection({ client: pagerDuty, store, log, now }),
    ],
    fallbackChannel: config.slack.fallbackChannel,
    switchedOff: killSwitch.reason,
  }
  const pipeline = createPipeline(ports)
  const commands = createCommands(ports, pipeline)
  const slack = createSlackBot({
    config: {
      botToken: environment.slack.botToken ?? '',
      ...(environment.slack.signingSecret !== undefined && { signingSecret: environment.slack.signingSecret }),
      ...(environment.slack.appToken !== undefined && { appToken: environment.slack.appToken }),
      apiUrl: environment.slack.apiUrl,
      command: config.slack.command,
      ...(config.slack.workspace !== undefined && { workspace: config.slack.workspace }),
    },
    commands,
    call,
    groupsOf,
    catalogue: () => catalogue,
    admins: config.admins,
    switchOff: ({ user }, reason) => killSwitch.off(`<@${user}>`, reason),
    switchOn: async () => {
      await killSwitch.on()
    },
    parseDuration,
    log,
    meter: metrics,
    now,
  })

  const health = createHealth({
    now,
    scrub,
    probes: [
      { name: 'store', required: true, check: () => store.probe() },
      { name: 'slack', required: true, check: slack.probe },
      ...[...sources.values()].map((source) => ({
        name: source.name,
        required: false,
        check: (signal: AbortSignal) => source.probe(signal),
      })),
    ],
  })
  metrics.watch({ jobs, store, now })

  jobs.start(pipeline.handlers)
  const sweep = startSweep({
    store,
    jobs,
    intervalMs: SWEEP_MS,
    now,
    onError: (error) => log.error({ err: error }, 'Due work could not be read'),
  })
  const forgetting = startSchedule({
    name: 'forget-keys',
    everyMs: 3_600_000,
    log,
    run: async () => {
      await store.forgetKeys(now() - KEYS_KEPT_MS)
    },
  })
  const missed =
    pagerDuty &&
    startPagerDutySweep({
      client: pagerDuty,
      catalogue: () => catalogue,
      store,
      commands,
      everyMs: config.pagerduty.sweepEveryMs,
      log,
      meter: metrics,
    })
  const tokens = config.gate.tokens.map(({ name, tokenEnv }) => ({ name, token: secrets.get(tokenEnv) ?? '' }))
  const main = await startServer({
    host: environment.host,
    port: environment.port,
    log,
    meter: metrics,
    routes: mainRoutes({
      pagerDuty: pagerDutyWebhook({ secrets: environment.pagerduty.webhookSecrets, commands, log }),
      ...(slack.requestListener && { slack: slack.requestListener }),
      gate: freezeGate({
        tokens,
        catalogue: () => catalogue,
        store,
        log,
        meter: metrics,
        now,
        command: config.slack.command,
      }),
    }),
  })
  const ops = await startOpsServer({ host: environment.host, port: environment.opsPort, log, metrics, health })
  await slack.start()
  // The first alert must not wait for libraries to load and connections to open.
  for (const source of sources.values()) void source.warm?.(AbortSignal.timeout(WARM_MS))
  slack
    .probe(AbortSignal.timeout(WARM_MS))
    .catch((error: unknown) => log.warn({ err: error }, 'Slack does not answer yet'))
  log.info(
    { port: main.port, opsPort: ops.port, services: config.services.length, runbooks: shelf.runbooks().length },
    'Listening',
  )

  return {
    url: main.url,
    opsUrl: ops.url,
    reload: shelf.reload,
    async stop() {
      health.drain()
      await Promise.all([main.stop(DRAIN_MS), slack.stop()])
      sweep.stop()
      await Promise.all([missed?.stop(), forgetting.stop()])
      await pipeline.stop(DRAIN_MS)
      await jobs.stop(DRAIN_MS)
      await ops.stop(1_000)
      health.stop()
      await store.close()
    },
  }
}
