import { startPrometheusStandIn } from '../../prometheus/index.ts'
import { writeBotFiles } from '../bot-files.ts'
import { channels, startOffice } from '../office.ts'
import { seededRandom } from '../random.ts'
import type { World } from '../world.ts'
import { triggerAlert } from './alert.ts'
import { botConfig, KUBECONFIGS } from './bot-config.ts'
import { worldClock } from './clock.ts'
import { NINE_DAYS_MS, pretendDeaths, startCluster, USERS } from './cluster.ts'
import { createExporter, tellLastWeek } from './exporter.ts'
import { factsOf, type TrafficSurgeFacts } from './facts.ts'
import { startLife, type TrafficSurgeEvent } from './life.ts'
import { startMetricsWindow } from './metrics-window.ts'
import { liveThrough } from './past.ts'
import { PAGERDUTY_SERVICE, SERVICE, SPARE, WORKLOAD } from './service.ts'

export type { TrafficSurgeFacts }

export interface TrafficSurgeWorld extends World {
  /** What is the case now. */
  readonly facts: TrafficSurgeFacts
  /** Prometheus as seen by those who live in real time; the same as `prometheus.url` until the world runs ahead. */
  readonly metricsUrl: string
  /** Replicas out of rotation that are up. */
  readonly ready: number
  readonly on: (listener: (event: TrafficSurgeEvent) => void) => void
  /** From now on so many requests per second are asked for. */
  offer(rps: number): void
  /** Lets no more than so many requests per second through; the fallback answers the others. */
  shed(rps: number): void
  /**
   * Brings up so many replicas that get no traffic yet, and keeps the autoscaler from taking away what the traffic needs meanwhile.
   */
  addOutOfRotation(replicas: number): void
  /** Gives those replicas this share of the traffic, 0 to 1. */
  shift(share: number): void
  /** Lets time go by so many times as fast as it does. */
  run(speed: number): void
  readonly speed: number
}

export interface TrafficSurgeOptions {
  /** The same seed makes the same past, relative to now. */
  readonly seed?: number
  /** How often the world moves on, in real milliseconds. Default 250 ms. */
  readonly paceMs?: number
  /** PagerDuty's number of the first alert; default 5310. The account gets so many incidents before it, 0.1 ms each. */
  readonly incidentNumber?: number
  readonly podStopMs: number
}

/** As many as the autoscaler wants since the surge. */
const REPLICAS = 21

/**
 * The second incident as a system: a fleet whose replicas are killed at their nodes' memory faster than they start, an hour and a half
 * after the traffic rose, and long after it stopped to matter how much it rose. From then on it lives in real time, or faster.
 */
export async function startTrafficSurgeWorld(options: TrafficSurgeOptions): Promise<TrafficSurgeWorld> {
  const { seed = 5310, incidentNumber = 5310, paceMs = 250, podStopMs } = options
  const random = seededRandom(seed)
  const [office, cluster, prometheus] = await Promise.all([
    startOffice({ pagerDutyServices: [PAGERDUTY_SERVICE], pastIncidents: incidentNumber - 1 }),
    startCluster({ replicas: REPLICAS, podStopMs }),
    startPrometheusStandIn(),
  ])

  const clock = worldClock()
  const now = clock.now()
  const window = await startMetricsWindow(prometheus.url, clock.aheadMs)
  const { kubernetes } = cluster
  const nodes = new Map<string, string>()
  const nodeOf = (pod: string): string => {
    const known = nodes.get(pod) ?? cluster.nodeOf(pod)
    nodes.set(pod, known)
    return known
  }
  tellLastWeek(prometheus, now, random)
  const names = cluster
    .pods(WORKLOAD)
    .map(({ metadata }) => metadata.name)
    .sort()
  const { system, exporter, chronicle } = liveThrough(names, now, random, (past) =>
    createExporter({ prometheus, system: past, random, nodeOf, rolledOutAt: now - NINE_DAYS_MS }),
  )
  const life = startLife({ clock, cluster, system, exporter, chronicle, now, paceMs })
  for (const pod of cluster.pods(WORKLOAD)) {
    const { name } = pod.metadata
    const deaths = chronicle.deaths.filter((death) => death.name === name)
    pretendDeaths(kubernetes, pod, deaths, system.main.up.get(name)?.startedAt)
  }

  return {
    ...office,
    kubernetes,
    prometheus,
    service: SERVICE,
    channel: channels.service,
    metricsUrl: window.url,
    get facts() {
      return factsOf(system, chronicle, clock.now(), now)
    },
    get ready() {
      return system.spare.up.size
    },
    get speed() {
      return clock.speed()
    },
    on: life.on,
    offer: life.offer,
    shed: (rps) => system.shed(rps),
    addOutOfRotation(replicas) {
      system.autoscaler.minimum = Math.max(system.autoscaler.minimum, system.autoscaler.desired)
      cluster.scale(SPARE, replicas)
    },
    shift: (share) => system.shift(share),
    run: clock.run,
    writeBotFiles: (directory, chosen) =>
      writeBotFiles(directory, office, {
        ...chosen,
        config: (path) => botConfig({ metricsUrl: window.url, path }),
        kubeconfigs: {
          [KUBECONFIGS.read]: kubernetes.kubeconfig(USERS.read.name),
          [KUBECONFIGS.write]: kubernetes.kubeconfig(USERS.write.name),
          'admin.kubeconfig': kubernetes.kubeconfig(USERS.admin.name),
        },
      }),
    trigger: () => triggerAlert(office.pagerduty, system),
    async stop() {
      life.stop()
      await Promise.all([office.stop(), kubernetes.stop(), prometheus.stop(), window.stop()])
    },
  }
}
