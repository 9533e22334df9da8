import type { Chronicle } from './chronicle.ts'
import type { WorldClock } from './clock.ts'
import type { SurgeCluster } from './cluster.ts'
import type { Exporter } from './exporter.ts'
import { SPARE, WORKLOAD } from './service.ts'
import type { Hands, PredictionSystem } from './system.ts'
import { offeredRps } from './traffic.ts'

/** What happens in the world by itself. */
export type TrafficSurgeEvent =
  | { readonly type: 'started' | 'gone'; readonly pod: string }
  | { readonly type: 'out-of-memory'; readonly pod: string; readonly bytes: number; readonly cores: number }
  | { readonly type: 'scaled'; readonly replicas: number }

export interface LifeOptions {
  readonly clock: WorldClock
  readonly cluster: SurgeCluster
  readonly system: PredictionSystem
  readonly exporter: Exporter
  readonly chronicle: Chronicle
  /** The end of the past: the time of the last step. */
  readonly now: number
  readonly paceMs: number
}

export interface Life {
  /** From now on so many requests per second are asked for, whatever the time of day. */
  readonly offer: (rps: number) => void
  readonly on: (listener: (event: TrafficSurgeEvent) => void) => void
  stop(): void
}

/** A step longer than this would skip what happens within it. */
const LONGEST_STEP_MS = 5_000
const SCRAPE_MS = 15_000

/** Lets the world live on the world's clock until `stop`; Kubernetes' pods die and start as the system's replicas do. */
export function startLife({ clock, cluster, system, exporter, chronicle, now, paceMs }: LifeOptions): Life {
  const listeners: ((event: TrafficSurgeEvent) => void)[] = []
  const tell = (event: TrafficSurgeEvent): void => {
    for (const listener of listeners) listener(event)
  }
  const poolOf = (pod: string) => (pod.startsWith(`${SPARE}-`) ? system.spare : system.main)
  let offered: number | undefined
  let passedAt = now
  let scrapedAt = now

  const hands: Hands = {
    scale(replicas) {
      cluster.scale(WORKLOAD, replicas)
      tell({ type: 'scaled', replicas })
    },
    mayStart: (pod) => cluster.isStarting(pod),
    started(pod) {
      cluster.start(pod)
      tell({ type: 'started', pod })
    },
    died(death) {
      chronicle.deaths.push(death)
      exporter.died(death)
      cluster.kill(death.name)
      tell({ type: 'out-of-memory', pod: death.name, bytes: death.bytes, cores: death.cores })
    },
  }
  cluster.takeOver({
    onStarting: (pod) => poolOf(pod).restart(pod, clock.now()),
    onGone(pod) {
      poolOf(pod).remove(pod)
      tell({ type: 'gone', pod })
    },
  })

  function moveOn(): void {
    const until = clock.now()
    while (passedAt < until) {
      const at = Math.min(until, passedAt + LONGEST_STEP_MS)
      system.pass(at, (at - passedAt) / 1_000, offered ?? offeredRps(at, now), hands)
      passedAt = at
      if (at - scrapedAt < SCRAPE_MS) continue
      scrapedAt = at
      exporter.scrape(at)
      chronicle.sizes.push({ at, up: system.main.up.size })
    }
  }
  const timer = setInterval(moveOn, paceMs)

  return {
    offer(rps) {
      offered = rps
    },
    on: (listener) => void listeners.push(listener),
    stop: () => clearInterval(timer),
  }
}
