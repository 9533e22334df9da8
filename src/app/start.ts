import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { alertReader } from '../alertmanager/alert-facts.ts'
import { alertmanagerWebhook } from '../alertmanager/webhook-route.ts'
import { checks } from '../checks/index.ts'
import { mainRoutes } from '../http/routes.ts'
import { startServer } from '../http/server.ts'
import { within as endedWithin } from '../jobs/grace.ts'
import { startSweep } from '../jobs/sweep.ts'
import { createHealth } from '../ops/health.ts'
import { createMetrics } from '../ops/metrics.ts'
import { startOpsServer } from '../ops/server.ts'
import { pagerDutyDirectory } from '../pagerduty/directory.ts'
import { pagerDutyProjection } from '../pagerduty/projection.ts'
import { startPagerDutySweep } from '../pagerduty/sweep.ts'
import { pagerDutyWebhook } from '../pagerduty/webhook-route.ts'
import { createCatalogue } from '../pipeline/catalogue.ts'
import { createCommands } from '../pipeline/commands.ts'
import { createKillSwitch } from '../pipeline/kill-switch.ts'
import { startOfferWatch } from '../pipeline/offer-watch.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import type { Logger, Ports } from '../pipeline/ports.ts'
import { createRecall } from '../pipeline/recall.ts'
import { serviceSources } from '../pipeline/service-sources.ts'
import { remediationKinds } from '../remediations/index.ts'
import { renderChart } from '../slack/chart/index.ts'
import { digestPost } from '../slack/digest.ts'
import { slackProjection } from '../slack/projection.ts'
import { guardSources, openGuards, openObservers, openSources, openWriters } from './connections.ts'
import { startForgettingKeys } from './forget-keys.ts'
import type { Loaded } from './load.ts'
import { openFreezes } from './open-freezes.ts'
import { changeEvents, openPagerDuty } from './pagerduty.ts'
import { createRunbookShelf } from './runbook-shelf.ts'
import { openSchedules } from './schedules.ts'
import { openBot, openSlack } from './slack.ts'
import { openStorage } from './storage.ts'
import { openWakeUps } from './wake-ups.ts'

const SWEEP_MS = 10_000
/** Time for all that is under way together, within the 30 s that Kubernetes gives a pod to end. */
const DRAIN_MS = 20_000
/** Of this, for requests: each is answered within as much. */
const ANSWER_MS = 10_000
const WARM_MS = 10_000
/** Time for what the gate has still to write down. */
const FLUSH_MS = 2_000

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
  const { store, redis } = await openStorage(environment, owner, log)
  const { jobs, coordinator, replicas } = await openWakeUps({ redis, owner, now, probe: () => store.probe(), log })
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
  const deps = { log, metrics, now }
  const pagerDuty = openPagerDuty(environment.pagerduty, log)
  const opened = openSources(config, {
    now,
    secret: (variable) => (variable === undefined ? undefined : secrets.get(variable)),
    changeEvents: changeEvents(pagerDuty),
  })
  const sources = guardSources(opened, { now, meter: metrics })
  const slack = openSlack(environment, () => replicas.current(), deps)
  const slackParts = {
    outbox: slack.outbox,
    store,
    renderChart,
    fallbackChannel: config.slack.fallbackChannel,
    now,
    log,
    meter: metrics,
  }
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
    observer: openObservers(config),
    freezesChanged: () => freezes.changed(),
    directory: {
      groupsOf: slack.groupsOf,
      factsOf: slack.factsOf,
      ...pagerDutyDirectory({ client: pagerDuty, log, now }),
    },
    projections: [slackProjection(slackParts), pagerDutyProjection({ client: pagerDuty, store, log, now })],
    fallbackChannel: config.slack.fallbackChannel,
    groupWithinMs: config.grouping.withinMs,
    switchedOff: killSwitch.reason,
  }
  const pipeline = createPipeline(ports)
  const schedules = openSchedules(ports, { config, pipeline, post: digestPost(slackParts) })
  const recall = createRecall(ports)
  const commands = createCommands(ports, pipeline, recall)
  const bot = openBot({ environment, config }, { slack, commands, catalogue: () => catalogue, killSwitch, store }, deps)
  const offers = startOfferWatch(ports, pipeline, recall)
  const freezes = openFreezes(
    {
      config,
      secrets,
      store,
      catalogue: () => catalogue,
      guards: openGuards(config),
      report: (id, event, keys) => pipeline.receive(id, event, keys),
    },
    deps,
  )

  const health = createHealth({
    now,
    scrub,
    probes: [
      { name: 'store', required: true, check: () => store.probe() },
      { name: 'slack', required: true, check: bot.probe },
      ...[...sources.values()].map((source) => ({
        name: source.name,
        required: false,
        check: (signal: AbortSignal) => source.probe(signal),
      })),
    ],
  })
  metrics.watch({ jobs, store, now })

  await freezes.start()
  jobs.start({ ...pipeline.handlers, ...schedules.handlers })
  const sweep = startSweep({
    store,
    jobs,
    intervalMs: SWEEP_MS,
    now,
    isPlanned: (key) => pipeline.isPlanned(key),
    onError: (error) => log.error({ err: error }, 'Due work could not be read'),
  })
  schedules.start()
  const forgetting = startForgettingKeys({ store, coordinator, now, log })
  const missed =
    pagerDuty &&
    startPagerDutySweep({
      client: pagerDuty,
      catalogue: () => catalogue,
      store,
      commands,
      everyMs: config.pagerduty.sweepEveryMs,
      coordinator,
      log,
      meter: metrics,
    })
  const main = await startServer({
    host: environment.host,
    port: environment.port,
    log,
    meter: metrics,
    routes: mainRoutes({
      pagerDuty: pagerDutyWebhook({ secrets: environment.pagerduty.webhookSecrets, commands, log }),
      alertmanager: alertmanagerWebhook({
        tokens: environment.alertmanager.tokens,
        read: alertReader(config.services, config.alertmanager),
        commands,
        now,
        log,
      }),
      ...(bot.requestListener && { slack: bot.requestListener }),
      gate: freezes.gate,
    }),
  })
  const ops = await startOpsServer({
    host: environment.host,
    port: environment.opsPort,
    log,
    metrics,
    health,
    audit: { records: store, owner },
  })
  await bot.start()
  // The first alert must not wait for libraries to load and connections to open.
  for (const source of sources.values()) void source.warm?.(AbortSignal.timeout(WARM_MS))
  bot
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
      const end = performance.now() + DRAIN_MS
      const left = (): number => Math.max(0, end - performance.now())
      health.drain()
      await Promise.all([main.stop(ANSWER_MS), bot.stop()])
      sweep.stop()
      offers.stop()
      await endedWithin(
        left(),
        Promise.all([missed?.stop(), forgetting.stop(), schedules.stop(), freezes.stop(FLUSH_MS)]),
      )
      await pipeline.stop(left())
      await Promise.all([jobs.stop(left()), replicas.stop()])
      await ops.stop(1_000)
      health.stop()
      await store.close()
    },
  }
}
