import type { Fleet } from './fleet.ts'
import { BASE_BYTES, CACHE_MAX_SIZE } from './model-server.ts'
import type { Level } from './past.ts'
import { INCIDENT_DEPLOYS, INCIDENT_HOURS } from './plan-history.ts'
import { LIMIT_BYTES } from './service.ts'

const HOUR_MS = 3_600_000
const ALERT_WINDOW_MS = 6 * HOUR_MS

/** What is really the case in the fullest pod, to hold against what somebody says about it. */
export interface ModelServingFacts {
  readonly pod: string
  readonly limitBytes: number
  readonly levelBytes: number
  readonly baseBytes: number
  readonly cacheMaxSize: number
  readonly residentVersions: number
  readonly evictions: number
  /** Ms since the epoch. */
  readonly processStartedAt: number
  readonly deploysSinceStart: number
  /** What each of them left behind, on average. */
  readonly bytesPerDeploy: number
  /** Since the process started. */
  readonly bytesPerHour: number
  /** End against start over six hours, restarts included: what an alert on the window says. */
  readonly wholeWindowBytesPerHour: number
  readonly hoursToLimit: number
}

/** Throws while no pod runs. */
export function factsOf(fleet: Fleet, levels: ReadonlyMap<string, readonly Level[]>, now: number): ModelServingFacts {
  const fullest = fleet.fullest()
  if (fullest === undefined) throw new Error('No pod of the service is running.')
  const { pod, server } = fullest
  const grownBytes = server.memoryBytes - BASE_BYTES
  const bytesPerDeploy = server.loads === 0 ? 0 : grownBytes / server.loads
  const hours = (now - server.startedAt) / HOUR_MS
  // A process of some minutes has no rate of its own yet; deploys go on as before.
  const bytesPerHour = hours < 1 ? bytesPerDeploy * (INCIDENT_DEPLOYS / INCIDENT_HOURS) : grownBytes / hours
  const earlier = levels.get(pod)?.find(({ at }) => at >= now - ALERT_WINDOW_MS)
  return {
    pod,
    limitBytes: LIMIT_BYTES,
    levelBytes: server.memoryBytes,
    baseBytes: BASE_BYTES,
    cacheMaxSize: CACHE_MAX_SIZE,
    residentVersions: server.loads,
    evictions: server.evictions,
    processStartedAt: server.startedAt,
    deploysSinceStart: server.loads,
    bytesPerDeploy,
    bytesPerHour,
    wholeWindowBytesPerHour:
      earlier === undefined ? 0 : (server.memoryBytes - earlier.bytes) / ((now - earlier.at) / HOUR_MS),
    hoursToLimit: bytesPerHour > 0 ? (LIMIT_BYTES - server.memoryBytes) / bytesPerHour : Number.POSITIVE_INFINITY,
  }
}
