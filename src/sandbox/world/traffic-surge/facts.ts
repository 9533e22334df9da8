import { type Chronicle, median } from './chronicle.ts'
import { NORMAL_BYTES, OVERLOADED_FROM, PLANNED_RPS } from './prediction-server.ts'
import { ALLOCATABLE_BYTES, CAPACITY_BYTES, CEILING_BYTES, CORES, TARGET_CORES } from './service.ts'
import type { PredictionSystem } from './system.ts'
import { surgeAt } from './traffic.ts'

const HOUR_MS = 3_600_000

/** What is really the case, to hold against what somebody says about it. Loads are requests per second, CPU is percent of one core. */
export interface TrafficSurgeFacts {
  readonly rps: number
  readonly errorShare: number
  /** When the traffic rose, in ms since the epoch. */
  readonly surgeAt: number
  /** Replicas in rotation that are up now, and how many the traffic needs. */
  readonly up: number
  readonly needed: number
  /** Median over the last hour: what a repeated life and death of one leaves of the fleet. */
  readonly typicalUp: number
  readonly plannedPerReplica: number
  /** What each of `typicalUp` is offered. */
  readonly perReplica: number
  /** From this load on a replica is killed. */
  readonly killPerReplica: number
  readonly killsLastHour: number
  /** Median over the kills of the last hour. */
  readonly bytesAtKill: number
  readonly cpuAtKill: number
  readonly cpuTarget: number
  readonly normalBytes: number
  readonly capacityBytes: number
  readonly allocatableBytes: number
  /** What of that is left for a pod. */
  readonly ceilingBytes: number
  readonly minimum: number
  readonly maximum: number
  readonly cores: number
}

export function factsOf(
  system: PredictionSystem,
  { deaths, sizes }: Chronicle,
  now: number,
  toldFrom: number,
): TrafficSurgeFacts {
  const recent = deaths.filter(({ at }) => at > now - HOUR_MS)
  const needed = Math.ceil(system.rps / PLANNED_RPS)
  const typicalUp = median(sizes.filter(({ at }) => at > now - HOUR_MS).map(({ up }) => up))
  return {
    rps: system.rps,
    errorShare: system.failing,
    surgeAt: surgeAt(toldFrom),
    up: system.main.up.size,
    needed,
    typicalUp,
    plannedPerReplica: PLANNED_RPS,
    perReplica: system.rps / Math.max(1, typicalUp),
    killPerReplica: OVERLOADED_FROM,
    killsLastHour: recent.length,
    bytesAtKill: median(recent.map(({ bytes }) => bytes)),
    cpuAtKill: median(recent.map(({ cores }) => cores * 100)),
    cpuTarget: TARGET_CORES * 100,
    normalBytes: NORMAL_BYTES,
    capacityBytes: CAPACITY_BYTES,
    allocatableBytes: ALLOCATABLE_BYTES,
    ceilingBytes: CEILING_BYTES,
    minimum: system.autoscaler.minimum,
    maximum: system.autoscaler.maximum,
    cores: CORES,
  }
}
