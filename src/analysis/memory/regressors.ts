import type { Buckets } from './buckets.ts'
import { at, tabulate } from './numbers.ts'
import type { Observations } from './observations.ts'

/** One possible influence on the level, per observation, scaled so that it spans 1 within its widest segment. */
export interface Regressor {
  readonly values: Float64Array
  /** What 1 stands for in the regressor's own unit (hours, deploys, requests). */
  readonly range: number
}

/** Everything that a model may be built of; absent where the series says nothing about it. */
export interface Regressors {
  readonly time: Regressor
  readonly deploys: Regressor | undefined
  /** Deploys that made the cache larger, and those that displaced an entry. */
  readonly additions: Regressor | undefined
  readonly evictions: Regressor | undefined
  readonly traffic: Regressor | undefined
  readonly requests: Regressor | undefined
  readonly phase: Regressor | undefined
  /** A sine and a cosine of 24 hours, only where traffic is not known and the window shows most of a day. */
  readonly daily: readonly Regressor[]
  /** 1 − e^(−age/τ) for several τ. */
  readonly warmUps: readonly { readonly regressor: Regressor; readonly odds: number }[]
  /** Growth that only begins at some moment of the last segment. */
  readonly onsets: readonly Regressor[]
}

/** Time constants of warm-ups with their odds: most processes are warm within the hour. */
const WARM_UPS = [
  { seconds: 240, odds: 0.5 },
  { seconds: 480, odds: 1 },
  { seconds: 800, odds: 1 },
  { seconds: 1200, odds: 1 },
  { seconds: 1700, odds: 1 },
  { seconds: 2400, odds: 1 },
  { seconds: 3400, odds: 1 },
  { seconds: 4800, odds: 0.5 },
  { seconds: 7200, odds: 0.25 },
  { seconds: 10_800, odds: 0.15 },
]
const ONSET_SHARES = [0.15, 0.3, 0.4, 0.5, 0.6, 0.7]

export function toRegressors(buckets: Buckets, observed: Observations): Regressors {
  const make = (value: (bucket: number, observation: number) => number) =>
    scaled(
      tabulate(observed.count, (i) => value(observed.bucket[i] ?? 0, i)),
      observed.segment,
    )
  const column = (values: Float64Array | undefined) => values && make((b) => at(values, b))
  const time = make((b) => at(buckets.hours, b))
  const traffic = varying(column(buckets.traffic && filled(buckets.traffic)))
  return {
    time,
    ...cacheUse(buckets, make),
    traffic,
    requests: traffic && column(buckets.requests),
    phase: column(buckets.phase),
    daily:
      buckets.traffic || time.range < 16
        ? []
        : [
            make((b) => Math.sin((Math.PI * at(buckets.hours, b)) / 12)),
            make((b) => Math.cos((Math.PI * at(buckets.hours, b)) / 12)),
          ],
    warmUps: warmUps(buckets, observed, time.range).map(({ tau, odds }) => ({
      regressor: make((b) => 1 - Math.exp(-at(buckets.age, b) / tau)),
      odds,
    })),
    onsets: onsets(buckets, observed).map(({ from, segment }) =>
      make((b, i) => (observed.segment[i] === segment ? Math.max(0, at(buckets.hours, b) - from) : 0)),
    ),
  }
}

/** Where the level steps: the first observation after it, and how much of the step the observation before already shows. */
export interface Step {
  readonly from: number
  readonly early: number
}

/** A step of 1 within its segment. */
export function stepRegressor({ from, early }: Step, observed: Observations): Regressor {
  const segment = observed.segment[from]
  const values = tabulate(observed.count, (i) => (i >= from && observed.segment[i] === segment ? 1 : 0))
  values[from - 1] = early
  return { values, range: 1 }
}

type Make = (value: (bucket: number, observation: number) => number) => Regressor

/** Without a single eviction every load is a legitimate addition, so deploys cannot be a leak's driver. */
function cacheUse(
  { deploys, evictions }: Buckets,
  make: Make,
): Pick<Regressors, 'deploys' | 'additions' | 'evictions'> {
  const none = { deploys: undefined, additions: undefined, evictions: undefined }
  if (!deploys) return none
  const all = atLeast(
    2,
    make((b) => at(deploys, b)),
  )
  if (!all || !evictions) return { ...none, deploys: all }
  const displaced = atLeast(
    1,
    make((b) => at(evictions, b)),
  )
  if (!displaced) return { ...none, additions: all }
  return {
    deploys: all,
    additions: atLeast(
      1,
      make((b) => Math.max(0, at(deploys, b) - at(evictions, b))),
    ),
    evictions: displaced,
  }
}

/** Time constants that a segment is long enough to show and that some process was young enough to be in. */
function warmUps(buckets: Buckets, observed: Observations, longestHours: number): { tau: number; odds: number }[] {
  let youngest = Number.POSITIVE_INFINITY
  for (const bucket of observed.bucket) youngest = Math.min(youngest, at(buckets.age, bucket))
  return WARM_UPS.map(({ seconds, odds }) => ({ tau: seconds / 3600, odds })).filter(
    ({ tau }) => tau <= longestHours * 0.6 && tau >= buckets.widthHours * 0.5 && youngest < 4 * tau,
  )
}

/** Only in a segment that is long against the window: growth after a restart is a warm-up first of all. */
function onsets(buckets: Buckets, { segment, count, bucket }: Observations): { from: number; segment: number }[] {
  const current = segment[count - 1] ?? 0
  const begin = segment.indexOf(current)
  const length = count - begin
  if (length < 16 || (begin > 0 && length < count / 2)) return []
  return ONSET_SHARES.map((share) => ({
    segment: current,
    from: at(buckets.hours, bucket[begin + Math.floor(share * length)] ?? 0),
  }))
}

function scaled(values: Float64Array, segment: Int32Array): Regressor {
  let range = 0
  let begin = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (let i = 0; i < values.length; i++) {
    if (segment[i] !== segment[begin]) {
      begin = i
      low = Number.POSITIVE_INFINITY
      high = Number.NEGATIVE_INFINITY
    }
    low = Math.min(low, at(values, i))
    high = Math.max(high, at(values, i))
    range = Math.max(range, high - low)
  }
  if (range > 0) for (let i = 0; i < values.length; i++) values[i] = at(values, i) / range
  return { values, range }
}

function atLeast(range: number, regressor: Regressor): Regressor | undefined {
  return regressor.range >= range ? regressor : undefined
}

/** Traffic whose standard deviation is below 3 % of its mean explains nothing. */
function varying(traffic: Regressor | undefined): Regressor | undefined {
  if (!traffic || traffic.range === 0) return undefined
  const { values } = traffic
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return Math.sqrt(variance) < 0.03 * Math.abs(mean) ? undefined : traffic
}

/** Unknown values take the last known one, the first known one before that. */
function filled(values: Float64Array): Float64Array {
  let known = values.find((value) => !Number.isNaN(value)) ?? 0
  return values.map((value) => {
    if (!Number.isNaN(value)) known = value
    return known
  })
}
