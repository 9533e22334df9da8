import { median } from './memory/numbers.ts'
import { rangeOf, smoothed } from './points.ts'

const MINUTE_MS = 60_000
/** "Now" is what it typically was over this long. */
const NOW_MS = 10 * MINUTE_MS
const RANGE_MS = 60 * MINUTE_MS
/** A load counts as carried when it was carried for this long; the first minutes of a surge, before anything breaks, do not. */
const SUSTAINED_MS = 15 * MINUTE_MS
/** Longer than this between two samples, nothing is known of what was carried. */
const GAP_MS = 5 * MINUTE_MS
const HEALTHY_BELOW = 0.01
const FAILING_FROM = 0.05
const SHORT_BELOW = 0.8
/** Replicas brought up are meant to run at this share of the load that is safe. */
const FILL_TO = 0.8

/** The fleet at one moment. */
export interface FleetMoment {
  readonly at: number
  readonly up: number
  readonly needed: number
  readonly requestsPerSecond?: number
  /** Errors per request, 0 to 1. */
  readonly errorShare?: number
}

export interface FleetVerdict {
  readonly up: number
  /** Range over the last hour of the present state: since it fell short where that is more recent. */
  readonly upRange: { readonly low: number; readonly high: number }
  readonly needed: number
  readonly upShare: number
  readonly isShort: boolean
  /** Since when it has been short without a break. */
  readonly shortSince: number | undefined
  readonly errorShare: number | undefined
  readonly load: FleetLoad | undefined
}

/** Loads are requests per second. */
export interface FleetLoad {
  readonly requestsPerSecond: number
  /** Undefined where no replica is up. */
  readonly perReplica: number | undefined
  readonly plannedPerReplica: number
  /** perReplica / plannedPerReplica. */
  readonly overload: number | undefined
  readonly safePerReplica: number
  /** Whether the safe load was seen to be carried; otherwise it is the planned one. */
  readonly safeWasSeen: boolean
  /** The lowest load under which the fleet failed while short; never below the safe one. Undefined where it was not seen to fail. */
  readonly killPerReplica: number | undefined
  /** Undefined where errors are not known. */
  readonly spiral: boolean | undefined
  /** Replicas to bring up out of rotation before they take traffic. */
  readonly escapeReplicas: number
  /** Requests per second that the replicas which are up can carry. */
  readonly shedTo: number
}

/**
 * How many replicas are up against how many are needed, and what that asks of each. Undefined of no moments; they ascend and end now.
 * `kills` of the last hour, where they are counted: without one there is no spiral, however short the fleet is.
 */
export function judgeFleet(moments: readonly FleetMoment[], kills?: number): FleetVerdict | undefined {
  const last = moments.at(-1)
  if (last === undefined) return undefined
  const recent = moments.filter(({ at }) => at > last.at - NOW_MS)
  const stretch = sameState(moments)
  const present = recent.filter(({ at }) => at >= (stretch[0]?.at ?? last.at))
  const up = median(present.map((one) => one.up))
  const needed = median(present.map((one) => one.needed))
  const isShort = fallsShort({ up, needed })
  const inHour = stretch.filter(({ at }) => at > last.at - RANGE_MS).map((one) => one.up)
  return {
    up,
    upRange: rangeOf(inHour) ?? { low: up, high: up },
    needed,
    upShare: needed > 0 ? up / needed : 1,
    isShort,
    shortSince: isShort ? stretch[0]?.at : undefined,
    errorShare: typicalOf(present.flatMap((one) => one.errorShare ?? [])),
    load: loadOf(moments, present, { up, needed, kills }),
  }
}

/** Short by more than 20 % of what is needed. */
export function fallsShort({ up, needed }: Pick<FleetMoment, 'up' | 'needed'>): boolean {
  return up < SHORT_BELOW * needed
}

/** The moments since which the fleet has been short, or has not been, without a break that lasted. */
function sameState(moments: readonly FleetMoment[]): readonly FleetMoment[] {
  const short = smoothed(moments.map(fallsShort))
  return moments.slice(short.lastIndexOf(short.at(-1) !== true) + 1)
}

function loadOf(
  moments: readonly FleetMoment[],
  present: readonly FleetMoment[],
  { up, needed, kills }: { readonly up: number; readonly needed: number; readonly kills: number | undefined },
): FleetLoad | undefined {
  const requestsPerSecond = typicalOf(present.flatMap((one) => one.requestsPerSecond ?? []))
  if (requestsPerSecond === undefined || needed <= 0) return undefined
  const plannedPerReplica = requestsPerSecond / needed
  const perReplica = up > 0 ? requestsPerSecond / up : undefined
  const seen = safeLoad(moments)
  const safePerReplica = seen ?? plannedPerReplica
  const killPerReplica = killLoad(moments, safePerReplica)
  const errors = typicalOf(present.flatMap((one) => one.errorShare ?? []))
  return {
    requestsPerSecond,
    perReplica,
    plannedPerReplica,
    overload: perReplica === undefined ? undefined : perReplica / plannedPerReplica,
    safePerReplica,
    safeWasSeen: seen !== undefined,
    killPerReplica,
    spiral:
      errors === undefined
        ? undefined
        : fallsShort({ up, needed }) &&
          errors >= FAILING_FROM &&
          kills !== 0 &&
          spirals(up, killPerReplica, requestsPerSecond),
    escapeReplicas: escapeReplicas(requestsPerSecond, safePerReplica),
    shedTo: up * safePerReplica,
  }
}

/**
 * Whether the replicas that are up are killed by the load faster than others can join them: N_up · r_kill ≤ RPS, with r_kill the load
 * per replica that kills. Each that dies leaves more to the rest, so the fleet does not recover when the traffic is no longer unusual.
 */
export function spirals(up: number, killPerReplica: number | undefined, requestsPerSecond: number): boolean {
  return killPerReplica !== undefined && up * killPerReplica <= requestsPerSecond
}

/** N = ⌈RPS / (0.8 · r_safe)⌉: as many that each is filled to four fifths of what it can safely carry. */
export function escapeReplicas(requestsPerSecond: number, safePerReplica: number): number {
  // The last digit of a quotient such as 21 / 0.8 must not ask for one replica more.
  return Math.max(0, Math.ceil(requestsPerSecond / (FILL_TO * safePerReplica) - 1e-9))
}

/** The highest load per replica that was carried for a quarter of an hour with less than 1 % errors. */
export function safeLoad(moments: readonly FleetMoment[]): number | undefined {
  let best: number | undefined
  let start = 0
  moments.forEach((moment, index) => {
    const gap = moment.at - (moments[index - 1]?.at ?? moment.at)
    if (!isHealthy(moment)) start = index + 1
    else if (gap > GAP_MS) start = index
    while (start < index && moment.at - (moments[start + 1]?.at ?? moment.at) >= SUSTAINED_MS) start += 1
    const stretch = moments.slice(start, index + 1)
    if (moment.at - (stretch[0]?.at ?? moment.at) < SUSTAINED_MS) return
    best = Math.max(best ?? 0, Math.min(...stretch.flatMap((one) => perReplicaOf(one) ?? [])))
  })
  return best === 0 ? undefined : best
}

function isHealthy(moment: FleetMoment): boolean {
  return moment.errorShare !== undefined && moment.errorShare < HEALTHY_BELOW && perReplicaOf(moment) !== undefined
}

/** Failing at a low load can be the tail of a failure; a load known to be safe kills nobody. */
function killLoad(moments: readonly FleetMoment[], safePerReplica: number): number | undefined {
  const failing = moments.filter((one) => fallsShort(one) && (one.errorShare ?? 0) >= FAILING_FROM)
  const loads = failing.flatMap((one) => perReplicaOf(one) ?? [])
  return loads.length === 0 ? undefined : Math.max(safePerReplica, Math.min(...loads))
}

function perReplicaOf({ requestsPerSecond, up }: FleetMoment): number | undefined {
  return requestsPerSecond === undefined || up <= 0 ? undefined : requestsPerSecond / up
}

function typicalOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values)
}
