import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createReadiness, type Readiness, type ReadinessOptions } from './readiness.ts'

interface Liveness {
  readonly status: 'ok' | 'stuck'
  readonly uptimeS: number
  /** Half of all turns of the event loop since the last question were later than this. */
  readonly eventLoopDelayMs: number
}

export interface Health {
  live(): Liveness
  ready(): Promise<Readiness>
  /** From now on not ready, whatever the probes say: the process ends. */
  drain(): void
  /** Ends the measuring. */
  stop(): void
}

export interface HealthOptions extends ReadinessOptions {
  /** For tests: the median delay of the event loop, ms. */
  readonly eventLoopDelayMs?: () => number
}

/** A loop that is late by this at the median hardly does anything else; a single long turn is not a reason to be killed. */
const STUCK_MS = 1_000
const RESOLUTION_MS = 20

/** Whether this process lives (`/healthz`, for whoever restarts it) and whether it can do its work (`/readyz`, for whoever sends it work). */
export function createHealth(options: HealthOptions): Health {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  const measured = () => {
    const ms = histogram.percentile(50) / 1e6 - RESOLUTION_MS
    histogram.reset()
    return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : 0
  }
  const delayMs = options.eventLoopDelayMs ?? measured
  const readiness = createReadiness(options)
  let draining = false

  return {
    live() {
      const eventLoopDelayMs = delayMs()
      const status = eventLoopDelayMs > STUCK_MS ? 'stuck' : 'ok'
      return { status, uptimeS: Math.round(process.uptime()), eventLoopDelayMs }
    },
    async ready() {
      if (!draining) return readiness()
      return { status: 'draining', checks: [], asOf: new Date(options.now()).toISOString() }
    },
    drain: () => {
      draining = true
    },
    stop: () => {
      histogram.disable()
    },
  }
}
