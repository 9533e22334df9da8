import { median } from './memory/numbers.ts'
import type { Points } from './points.ts'
import { between, rangeOf, valuesOf } from './points.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** A replica's last minutes, in which it reached what it was killed at. */
const LAST_MINUTES_MS = 5 * MINUTE_MS
/** Two records of one kill are at most this far apart. */
const SAME_KILL_MS = 2 * MINUTE_MS
/** As many times in an hour is a loop and no accident. */
const LOOP_FROM = 3

export interface Kill {
  readonly replica: string
  readonly at: number
}

/**
 * The times at which a counter of restarts rose, once per restart. A fall is a new counter that starts from nothing, as in PromQL's
 * `increase()`; a series that begins inside the window tells nothing about before.
 */
export function risesAt(counter: Points): readonly number[] {
  return counter.flatMap(([at, value], index) => {
    const before = counter[index - 1]?.[1]
    if (before === undefined) return []
    return Array.from({ length: Math.max(0, Math.round(value >= before ? value - before : value)) }, () => at)
  })
}

/** Two accounts of the kills as one: of those that both know, the first account's time stands. */
export function mergeKills(first: readonly Kill[], second: readonly Kill[]): readonly Kill[] {
  const isKnown = (kill: Kill) =>
    first.some((one) => one.replica === kill.replica && Math.abs(one.at - kill.at) <= SAME_KILL_MS)
  return [...first, ...second.filter((kill) => !isKnown(kill))].sort(
    (a, b) => a.at - b.at || a.replica.localeCompare(b.replica),
  )
}

/** Whether replicas are killed again and again: one of them, or (where each new one has a new name) the fleet as a whole. */
export function isLoop(kills: readonly Kill[], replicas: number, now: number): boolean {
  const recent = kills.filter((kill) => kill.at > now - HOUR_MS)
  const ofOne = Math.max(0, ...countByReplica(recent).values())
  return ofOne >= LOOP_FROM || recent.length >= LOOP_FROM * Math.max(1, replicas)
}

function countByReplica(kills: readonly Kill[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { replica } of kills) counts.set(replica, (counts.get(replica) ?? 0) + 1)
  return counts
}

/** Kills per hour since the first of them, over at least an hour so that one kill just now is not many. */
export function killsPerHour(kills: readonly Kill[], now: number): number {
  const first = kills[0]?.at ?? now
  return kills.length / Math.max(1, (now - first) / HOUR_MS)
}

/** The highest value a series had in the minutes before a kill; undefined where it has none there. */
export function levelAt(points: Points | undefined, at: number): number | undefined {
  return rangeOf(valuesOf(between(points ?? [], at - LAST_MINUTES_MS, at)))?.high
}

/** What was typically reached when replicas were killed, with the range over the kills; undefined where no kill has a value. */
export function levelAtKills(
  kills: readonly Kill[],
  series: ReadonlyMap<string, Points>,
): { readonly typical: number; readonly range: { readonly low: number; readonly high: number } } | undefined {
  const levels = kills.flatMap((kill) => levelAt(series.get(kill.replica), kill.at) ?? [])
  const range = rangeOf(levels)
  return range && { typical: median(levels), range }
}

/** Replicas that stopped reporting: killed, or removed. With no counter of kills this is the only trace where names change. */
export function disappearances(series: ReadonlyMap<string, Points>, now: number, stepMs: number): readonly Kill[] {
  const gone = 3 * stepMs
  return [...series].flatMap(([replica, points]) =>
    points.flatMap(([at], index) => ((points[index + 1]?.[0] ?? now) - at > gone ? [{ replica, at }] : [])),
  )
}
