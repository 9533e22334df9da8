import type { KubernetesStandIn } from '../../kubernetes/index.ts'
import type { Gate } from '../gate.ts'
import type { Random } from '../random.ts'
import type { Exporter } from './exporter.ts'
import type { Fleet } from './fleet.ts'
import { followPods, killOutOfMemory, type LifecycleEvents } from './lifecycle.ts'
import type { Level } from './past.ts'
import { createRegistry, type DeployAttempt, type Registry } from './registry.ts'
import type { VersionSource } from './versions.ts'

/** What happens in the world by itself. */
export type ModelServingEvent =
  | { readonly type: 'deploy'; readonly attempt: DeployAttempt }
  | { readonly type: 'started' | 'stopped'; readonly pod: string }
  | { readonly type: 'out-of-memory'; readonly pod: string; readonly bytes: number }

/** The world from now on: what happens by itself, and what others set off. */
export interface Life {
  readonly registry: Registry
  readonly log: readonly string[]
  readonly on: (listener: (event: ModelServingEvent) => void) => void
  stop(): void
}

export interface LifeOptions {
  readonly cluster: KubernetesStandIn
  readonly fleet: Fleet
  readonly versions: VersionSource
  readonly exporter: Exporter
  /** True levels by pod; grows with every scrape. */
  readonly levels: ReadonlyMap<string, Level[]>
  readonly random: Random
  /** The end of the past: the time of the last scrape. */
  readonly now: number
  readonly paceMs: number
  readonly deployEveryMs: number
  /** How many there have been. */
  readonly deploys: number
  readonly gate: () => Gate | undefined
}

const LOG_LINES = 200

/** Lets the world live in real time until `stop`. */
export function startLife(options: LifeOptions): Life {
  const { cluster, fleet, versions, exporter, levels, random, now, paceMs, deployEveryMs, gate } = options
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

  let { deploys } = options
  const registry = createRegistry({
    versions,
    gate,
    load: (version) => {
      deploys += 1
      for (const { pod, evicted } of fleet.load(version, Date.now())) {
        say(`${pod} Evicted model ${evicted.model}:${evicted.version} from cache`)
      }
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
    // A clock that was set back, or a deploy that took longer than the next scrape, makes no sample.
    if (at <= scrapedAt) return
    scrapedAt = at
    exporter.scrape(at, deploys)
    for (const [pod, seen] of levels) seen.push({ at, bytes: fleet.server(pod)?.memoryBytes ?? 0 })
  }
  const timer = setInterval(() => void moveOn(), paceMs)

  return { registry, log, on: (listener) => void listeners.push(listener), stop: () => clearInterval(timer) }
}
