import { startPrometheusStandIn } from '../../prometheus/index.ts'
import { writeBotFiles } from '../bot-files.ts'
import type { Gate } from '../gate.ts'
import { channels, credentials, startOffice } from '../office.ts'
import { seededRandom } from '../random.ts'
import type { World } from '../world.ts'
import { botConfig, KUBECONFIGS } from './bot-config.ts'
import { podNamed, pretendRestarts, startCluster, USERS } from './cluster.ts'
import { startDebugEndpoint } from './debug-endpoint.ts'
import { createExporter } from './exporter.ts'
import { factsOf, type ModelServingFacts } from './facts.ts'
import { Fleet } from './fleet.ts'
import { followPods, killOutOfMemory, type LifecycleEvents } from './lifecycle.ts'
import { HISTORY_MS, liveThrough } from './past.ts'
import { INCIDENT_DEPLOYS, INCIDENT_HOURS, planHistory } from './plan-history.ts'
import { createRegistry, type DeployAttempt, type Registry } from './registry.ts'
import { LIMIT_BYTES, PAGERDUTY_SERVICE, PODS, SERVICE } from './service.ts'
import { versionSource } from './versions.ts'

export type { DeployAttempt, ModelServingFacts, Registry }

/** What happens in the world by itself. */
export type ModelServingEvent =
  | { readonly type: 'deploy'; readonly attempt: DeployAttempt }
  | { readonly type: 'started' | 'stopped'; readonly pod: string }
  | { readonly type: 'out-of-memory'; readonly pod: string; readonly bytes: number }

export interface ModelServingWorld extends World {
  readonly registry: Registry
  /** What is the case now. Throws while no pod runs. */
  readonly facts: ModelServingFacts
  /** Base of the service's own `/debug/models/{pod}`. */
  readonly debugUrl: string
  /** What the service logged, oldest first; only the last lines are kept. */
  readonly log: readonly string[]
  on(listener: (event: ModelServingEvent) => void): void
}

export interface ModelServingOptions {
  /** The same seed makes the same past, relative to now. */
  readonly seed?: number
  /** Whom the registry asks; `writeBotFiles` sets it to the bot. */
  readonly gate?: Gate
  /** How often metrics are scraped and the world moves on. Default 2 s. */
  readonly paceMs?: number
  /** Between deploys that happen by themselves. Default: as in the incident, 47 in 3.7 h. */
  readonly deployEveryMs?: number
  /** PagerDuty's number of the first alert; default 4892. The account gets so many incidents before it, 0.1 ms each. */
  readonly incidentNumber?: number
  readonly podStartMs: number
  readonly podStopMs: number
}

const LOG_LINES = 200
const DEPLOY_EVERY_MS = (INCIDENT_HOURS * 3_600_000) / INCIDENT_DEPLOYS

/**
 * The first incident as a system: a model service whose cache does not let go of what it evicts, seven hours after the story began and
 * two deploys before its fullest pod runs out of memory. From then on it lives in real time.
 */
export async function startModelServingWorld(options: ModelServingOptions): Promise<ModelServingWorld> {
  const { seed = 4892, incidentNumber = 4892, paceMs = 2_000, deployEveryMs = DEPLOY_EVERY_MS } = options
  const random = seededRandom(seed)
  const fleet = new Fleet(PODS)
  const [office, cluster, prometheus, debug] = await Promise.all([
    startOffice({ pagerDutyServices: [PAGERDUTY_SERVICE], pastIncidents: incidentNumber - 1 }),
    startCluster(options),
    startPrometheusStandIn(),
    startDebugEndpoint(fleet),
  ])

  const now = Date.now()
  const versions = versionSource(random)
  const history = planHistory(PODS, now, random)
  const nodeOf = (pod: string): string => podNamed(cluster, pod)?.spec.nodeName ?? 'unscheduled'
  const exporter = createExporter({ prometheus, fleet, random, now, nodeOf })
  exporter.tellLastWeek(HISTORY_MS)
  const levels = liveThrough(history, now, { fleet, versions, exporter })
  PODS.forEach((pod, index) => {
    pretendRestarts(cluster, pod, fleet.server(pod)?.startedAt ?? now, 41 + index)
  })

  const log: string[] = []
  const listeners: ((event: ModelServingEvent) => void)[] = []
  const tell = (event: ModelServingEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const say = (line: string): void => {
    log.push(`${new Date().toISOString()} ${line}`)
    if (log.length > LOG_LINES) log.shift()
  }
  const lifecycle: LifecycleEvents = {
    onStarted: (pod) => tell({ type: 'started', pod }),
    onStopped: (pod) => tell({ type: 'stopped', pod }),
    onOutOfMemory: (pod, bytes) => tell({ type: 'out-of-memory', pod, bytes }),
  }
  followPods(cluster, fleet, lifecycle)

  let gate = options.gate
  let deploys = history.deploysAt.length
  const registry = createRegistry({
    versions,
    gate: () => gate,
    load: (version) => {
      deploys += 1
      for (const { pod, evicted } of fleet.load(version))
        say(`${pod} Evicted model ${evicted.model}:${evicted.version} from cache`)
      killOutOfMemory(cluster, fleet, lifecycle)
    },
    onAttempt: (attempt) => tell({ type: 'deploy', attempt }),
  })

  let scrapedAt = now
  let deployAt = now + deployEveryMs * random.between(0.7, 1.3)
  async function moveOn(): Promise<void> {
    const at = Date.now()
    if (at >= deployAt) {
      deployAt = at + deployEveryMs * random.between(0.4, 1.6)
      await registry.deploy()
    }
    // A clock that was set back makes no sample; the next one will be late enough.
    if (at <= scrapedAt) return
    scrapedAt = at
    exporter.scrape(at, deploys)
    for (const [pod, seen] of levels) seen.push({ at, bytes: fleet.server(pod)?.memoryBytes ?? 0 })
  }
  const timer = setInterval(() => void moveOn(), paceMs)

  return {
    ...office,
    kubernetes: cluster,
    prometheus,
    service: SERVICE,
    channel: channels.service,
    registry,
    debugUrl: debug.url,
    log,
    get facts() {
      return factsOf(fleet, levels, Date.now())
    },
    on: (listener) => void listeners.push(listener),
    async writeBotFiles(directory, chosen) {
      const files = await writeBotFiles(directory, office, {
        ...chosen,
        config: (path) => botConfig({ prometheusUrl: prometheus.url, debugUrl: debug.url, path }),
        kubeconfigs: {
          [KUBECONFIGS.read]: cluster.kubeconfig(USERS.read.name),
          [KUBECONFIGS.write]: cluster.kubeconfig(USERS.write.name),
          'admin.kubeconfig': cluster.kubeconfig(USERS.admin.name),
        },
      })
      gate = { url: files.url, token: credentials.gateToken }
      return files
    },
    trigger() {
      const { pod, levelBytes, wholeWindowBytesPerHour } = factsOf(fleet, levels, Date.now())
      const title = 'CRITICAL: inference-service-prod Memory Usage > 95%'
      const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)
      const { id, number } = office.pagerduty.trigger({
        serviceId: PAGERDUTY_SERVICE.id,
        title,
        details: {
          service: 'inference (8005)',
          instance: `${pod}.us-east-1`,
          memory: `${gigabytes(levelBytes)} GB / 32 GB (${((levelBytes / LIMIT_BYTES) * 100).toFixed(1)}%)`,
          trend: `Increasing ${gigabytes(wholeWindowBytesPerHour)} GB/hour for past 6 hours`,
        },
      })
      return { id, number, title }
    },
    async stop() {
      clearInterval(timer)
      await Promise.all([office.stop(), cluster.stop(), prometheus.stop(), debug.stop()])
    },
  }
}
