import { type Collector, cyclePhase } from './collector.ts'
import { at, last, medianOf, tabulate } from './numbers.ts'
import type { Restart } from './restarts.ts'
import type { Samples } from './samples.ts'
import { findSpikes } from './spikes.ts'

/** The series in at most about 120 equal slices of time, each within one segment. All columns have the same length. */
export interface Buckets {
  readonly count: number
  readonly widthHours: number
  /** Number of the slice; a jump is a gap. */
  readonly slice: Int32Array
  /** Number of the segment: how many restarts came before. */
  readonly segment: Int32Array
  readonly hours: Float64Array
  /** Median level, percent of the limit. */
  readonly level: Float64Array
  /** Hours since the process began; since the window began where that is not known. */
  readonly age: Float64Array
  /** Deploys and evictions since the segment began. */
  readonly deploys: Float64Array | undefined
  readonly evictions: Float64Array | undefined
  /** Requests per second, and requests since the segment began. */
  readonly traffic: Float64Array | undefined
  readonly requests: Float64Array | undefined
  /** Place in the collector's cycle, 0 to 1. */
  readonly phase: Float64Array | undefined
  /** The same counters at the last sample. */
  readonly now: {
    readonly hours: number
    readonly deploys: number
    readonly evictions: number
    readonly requests: number
  }
}

const MOST_BUCKETS = 120
const FEWEST_BUCKETS = 24
/** Longest gap (hours) over which the request rate is taken as unchanged. */
const TRAFFIC_HELD_HOURS = 0.25

/** Takes medians per slice; means of everything that medians would bias (a sawtooth, counters). */
export function toBuckets(samples: Samples, restarts: readonly Restart[], collector: Collector | undefined): Buckets {
  const { hours, level, count, requestsPerSecond } = samples
  const running = runningTotals(samples, restarts)
  const spikes = findSpikes(level)
  const widthHours = last(hours) / Math.max(FEWEST_BUCKETS, Math.min(MOST_BUCKETS, count)) || 1
  const slices = cut(hours, running.segment, widthHours)
  const matched =
    collector !== undefined || (requestsPerSecond !== undefined && follows(level, requestsPerSecond, slices, spikes))
  const phase = collector && cyclePhase(collector, hours)
  const total = slices.length
  const each = (value: (from: number, to: number) => number) =>
    tabulate(total, (i) => value(slices[i]?.from ?? 0, slices[i]?.to ?? 0))
  const mean = (values: Float64Array | undefined) => values && each((from, to) => average(values, from, to))
  return {
    count: total,
    widthHours,
    slice: Int32Array.from(slices, ({ slice }) => slice),
    segment: Int32Array.from(slices, ({ from }) => running.segment[from] ?? 0),
    hours: each((from, to) => average(hours, from, to)),
    level: each((from, to) => (matched ? average(level, from, to, spikes) : medianOf(level, from, to))),
    age: each((from, to) => average(running.age, from, to)),
    deploys: mean(running.deploys),
    evictions: mean(running.evictions),
    traffic: requestsPerSecond && each((from, to) => average(requestsPerSecond, from, to, spikes)),
    requests: mean(running.requests),
    phase: mean(phase),
    now: {
      hours: last(hours),
      deploys: running.deploys ? last(running.deploys) : 0,
      evictions: running.evictions ? last(running.evictions) : 0,
      requests: running.requests ? last(running.requests) : 0,
    },
  }
}

interface Slice {
  readonly slice: number
  readonly from: number
  readonly to: number
}

function cut(hours: Float64Array, segment: Int32Array, width: number): readonly Slice[] {
  const found: Slice[] = []
  let from = 0
  let slice = 0
  for (let i = 0; i < hours.length; i++) {
    const here = Math.floor(at(hours, i) / width)
    if (i > 0 && (here !== slice || segment[i] !== segment[i - 1])) {
      found.push({ slice, from, to: i })
      from = i
    }
    slice = here
  }
  if (hours.length > 0) found.push({ slice, from, to: hours.length })
  return found
}

/** Correlation from which memory is said to follow traffic sample by sample. */
const FOLLOWS = 0.3

/**
 * Whether memory follows even the jitter of traffic. Then a median of one and a mean of the other would not belong to the same samples,
 * and that error in the regressor would dilute traffic's coefficient and leave a trend over (regression dilution, Fuller 1987).
 */
function follows(level: Float64Array, traffic: Float64Array, slices: readonly Slice[], spikes: Uint8Array): boolean {
  let product = 0
  let levels = 0
  let rates = 0
  for (const { from, to } of slices) {
    const middleLevel = average(level, from, to, spikes)
    const middleRate = average(traffic, from, to, spikes)
    for (let i = from; i < to; i++) {
      const rate = at(traffic, i) - middleRate
      if (Number.isNaN(rate) || spikes[i] === 1) continue
      const deviation = at(level, i) - middleLevel
      product += rate * deviation
      levels += deviation ** 2
      rates += rate ** 2
    }
  }
  return product > FOLLOWS * Math.sqrt(levels * rates)
}

/** Counters since the segment began, at every sample. */
function runningTotals(samples: Samples, restarts: readonly Restart[]) {
  const { count, hours } = samples
  const begins = new Set(restarts.map(({ index }) => index))
  const segment = new Int32Array(count)
  const age = new Float64Array(count)
  const deploys = samples.deploys && new Float64Array(count)
  const evictions = samples.evictions && new Float64Array(count)
  const requests = samples.requestsPerSecond && new Float64Array(count)
  let begin = 0
  for (let i = 0; i < count; i++) {
    const fresh = i === 0 || begins.has(i)
    if (fresh) begin = at(hours, i)
    segment[i] = i === 0 ? 0 : (segment[i - 1] ?? 0) + (fresh ? 1 : 0)
    const started = samples.processStartAt
      ? (at(samples.at, i) - at(samples.processStartAt, i)) / 3_600_000
      : Number.NaN
    age[i] = Number.isNaN(started) ? at(hours, i) - begin : Math.max(0, started)
    if (deploys && samples.deploys) deploys[i] = fresh ? 0 : at(deploys, i - 1) + at(samples.deploys, i)
    if (evictions && samples.evictions) evictions[i] = fresh ? 0 : at(evictions, i - 1) + at(samples.evictions, i)
    if (requests && samples.requestsPerSecond) requests[i] = fresh ? 0 : at(requests, i - 1) + served(samples, i)
  }
  return { segment, age, deploys, evictions, requests }
}

/** Requests between the sample before and this one. */
function served(samples: Samples, i: number): number {
  const rate = samples.requestsPerSecond ? at(samples.requestsPerSecond, i) : Number.NaN
  if (Number.isNaN(rate)) return 0
  return rate * Math.min(at(samples.hours, i) - at(samples.hours, i - 1), TRAFFIC_HELD_HOURS) * 3600
}

/** Mean of the known values, without the marked ones unless nothing else is left. */
function average(values: Float64Array, from: number, to: number, marked?: Uint8Array): number {
  let sum = 0
  let known = 0
  for (let i = from; i < to; i++) {
    const value = at(values, i)
    if (Number.isNaN(value) || marked?.[i] === 1) continue
    sum += value
    known++
  }
  if (known > 0) return sum / known
  return marked ? average(values, from, to) : Number.NaN
}
