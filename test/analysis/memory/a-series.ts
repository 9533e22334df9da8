import type { MemorySeries } from '../../../src/analysis/memory/index.ts'

const MINUTE = 60_000
const GB = 1e9

/** What happened to the simulated process; everything in percent of the limit unless said otherwise. */
export interface Story {
  readonly seed: number
  readonly minutes: number
  readonly stepMinutes: number
  readonly base: number
  /** Standard deviation of the noise, and its correlation from one minute to the next. */
  readonly noise: number
  readonly correlation: number
  readonly perHour: number
  /** Hours after which `perHour` begins. */
  readonly onsetHour: number
  readonly perDeploy: number
  readonly perMillionRequests: number
  readonly deploysPerHour: number
  readonly warmUp: number
  readonly warmUpMinutes: number
  /** The process is new at the window's start. */
  readonly coldStart: boolean
  readonly restartMinutes: readonly number[]
  readonly knowsStart: boolean
  /** Requests per second: at first, and how many more at the end or at noon. */
  readonly traffic: { readonly base: number; readonly ramp: number; readonly daily: number }
  readonly perRequestRate: number
  readonly step: { readonly minute: number; readonly by: number } | undefined
  readonly collector: { readonly minutes: number; readonly frees: number } | undefined
  readonly missing: number
}

const QUIET: Story = {
  seed: 1,
  minutes: 720,
  stepMinutes: 1,
  base: 35,
  noise: 0.4,
  correlation: 0.5,
  perHour: 0,
  onsetHour: 0,
  perDeploy: 0,
  perMillionRequests: 0,
  deploysPerHour: 0,
  warmUp: 0,
  warmUpMinutes: 20,
  coldStart: false,
  restartMinutes: [],
  knowsStart: true,
  traffic: { base: 500, ramp: 0, daily: 0 },
  perRequestRate: 0,
  step: undefined,
  collector: undefined,
  missing: 0,
}

export const WINDOW_START = Date.UTC(2026, 2, 3, 20, 0)
export const LIMIT_BYTES = 32 * GB

/** A memory series of which we know what really happened. The same story always gives the same series. */
export function aSeries(changes: Partial<Story> = {}): MemorySeries {
  const story = { ...QUIET, ...changes }
  const random = randomSource(story.seed)
  const at: number[] = []
  const bytes: (number | undefined)[] = []
  const requestsPerSecond: (number | undefined)[] = []
  const deploysTotal: (number | undefined)[] = []
  const processStartAt: (number | undefined)[] = []
  let startMinute = story.coldStart ? 0 : -6000
  let leaked = 0
  let deploys = story.coldStart ? 0 : 17
  let wander = 0
  for (let minute = 0; minute < story.minutes; minute++) {
    if (story.restartMinutes.includes(minute)) {
      startMinute = minute
      leaked = 0
      deploys = 0
    }
    const rate = trafficAt(story, minute) * (1 + 0.03 * random.normal())
    if (minute / 60 >= story.onsetHour) leaked += story.perHour / 60
    leaked += (story.perMillionRequests * rate * 60) / 1e6
    if (random.uniform() < story.deploysPerHour / 60) {
      deploys++
      leaked += story.perDeploy * (1 + 0.1 * random.normal())
    }
    wander = story.correlation * wander + Math.sqrt(1 - story.correlation ** 2) * random.normal()
    if (minute % story.stepMinutes !== 0) continue
    const lost = random.uniform() < story.missing
    const level =
      story.base +
      leaked +
      story.warmUp * (1 - Math.exp(-(minute - startMinute) / story.warmUpMinutes)) +
      story.perRequestRate * rate +
      (story.step && minute >= story.step.minute ? story.step.by : 0) +
      (story.collector ? (story.collector.frees * (minute % story.collector.minutes)) / story.collector.minutes : 0) +
      story.noise * wander
    at.push(WINDOW_START + minute * MINUTE)
    bytes.push(lost ? undefined : (Math.min(100, Math.max(0, level)) / 100) * LIMIT_BYTES)
    requestsPerSecond.push(lost ? undefined : rate)
    deploysTotal.push(lost ? undefined : deploys)
    processStartAt.push(lost ? undefined : WINDOW_START + startMinute * MINUTE)
  }
  const starts = story.knowsStart ? { processStartAt } : {}
  return { at, bytes, limitBytes: LIMIT_BYTES, requestsPerSecond, deploysTotal, ...starts }
}

function trafficAt({ traffic, minutes }: Story, minute: number): number {
  const daily = traffic.daily * Math.sin((2 * Math.PI * minute) / 1440)
  return traffic.base * (1 + (traffic.ramp * minute) / minutes + daily)
}

/** Mulberry32 with a Box-Muller transformation: small, and the same everywhere. */
function randomSource(seed: number): { readonly uniform: () => number; readonly normal: () => number } {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}
