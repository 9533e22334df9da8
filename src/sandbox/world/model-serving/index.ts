import { startPrometheusStandIn } from '../../prometheus/index.ts'
import { writeBotFiles } from '../bot-files.ts'
import type { Gate } from '../gate.ts'
import { channels, credentials, startOffice } from '../office.ts'
import { seededRandom } from '../random.ts'
import type { World } from '../world.ts'
import { triggerAlert } from './alert.ts'
import { botConfig, KUBECONFIGS } from './bot-config.ts'
import { podNamed, pretendRestarts, startCluster, USERS } from './cluster.ts'
import { startDebugEndpoint } from './debug-endpoint.ts'
import { createExporter } from './exporter.ts'
import { factsOf, type ModelServingFacts } from './facts.ts'
import { Fleet } from './fleet.ts'
import { type ModelServingEvent, startLife } from './life.ts'
import { HISTORY_MS, liveThrough } from './past.ts'
import { INCIDENT_DEPLOYS, INCIDENT_HOURS, planHistory } from './plan-history.ts'
import type { Registry } from './registry.ts'
import { PAGERDUTY_SERVICE, PODS, SERVICE } from './service.ts'
import { versionSource } from './versions.ts'

export type { ModelServingEvent, ModelServingFacts }

export interface ModelServingWorld extends World {
  readonly registry: Registry
  /** What is the case now. Throws while no pod runs. */
  readonly facts: ModelServingFacts
  /** Base of the service's own `/debug/models/{pod}`. */
  readonly debugUrl: string
  /** What the service logged, oldest first; only the last lines are kept. */
  readonly log: readonly string[]
  readonly on: (listener: (event: ModelServingEvent) => void) => void
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

  let gate = options.gate
  const life = startLife({
    ...{ cluster, fleet, versions, exporter, levels, random, now, paceMs, deployEveryMs },
    deploys: history.deploysAt.length,
    gate: () => gate,
  })

  return {
    ...office,
    kubernetes: cluster,
    prometheus,
    service: SERVICE,
    channel: channels.service,
    registry: life.registry,
    debugUrl: debug.url,
    log: life.log,
    get facts() {
      return factsOf(fleet, levels, Date.now())
    },
    on: life.on,
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
    trigger: () => triggerAlert(office.pagerduty, factsOf(fleet, levels, Date.now())),
    async stop() {
      life.stop()
      await Promise.all([office.stop(), cluster.stop(), prometheus.stop(), debug.stop()])
    },
  }
}
