/**
 * One container (or one process family) over the observed window, its samples in lists or typed arrays of the length of `at`.
 * What is missing is `undefined` or NaN.
 */
export interface SeriesLike {
  /** Milliseconds since the epoch, ascending. */
  readonly at: ArrayLike<number>
  readonly bytes: ArrayLike<number | undefined>
  readonly limitBytes: number
  readonly requestsPerSecond?: ArrayLike<number | undefined>
  /** Counters as Prometheus has them: they start again at zero with the process. */
  readonly deploysTotal?: ArrayLike<number | undefined>
  readonly evictionsTotal?: ArrayLike<number | undefined>
  /** Milliseconds since the epoch. */
  readonly processStartAt?: ArrayLike<number | undefined>
  /** Entries that the cache is configured to hold. */
  readonly cacheMaxSize?: number
}

/** The same in lists, as the rest of the program has it. */
export interface MemorySeries extends SeriesLike {
  readonly at: readonly number[]
  readonly bytes: readonly (number | undefined)[]
  readonly requestsPerSecond?: readonly (number | undefined)[]
  readonly deploysTotal?: readonly (number | undefined)[]
  readonly evictionsTotal?: readonly (number | undefined)[]
  readonly processStartAt?: readonly (number | undefined)[]
}

export interface Interval {
  readonly low: number
  readonly high: number
}

/** What makes the memory grow. */
export type GrowthDriver = 'deploys' | 'time' | 'requests'

/** What explains the series best. Everything that does not start with `leak` is no leak. */
export type MemoryExplanation =
  | 'leak-per-deploy'
  | 'leak-over-time'
  | 'leak-per-request'
  | 'flat'
  | 'traffic'
  | 'diurnal'
  | 'warm-up'
  | 'level-shift'
  | 'cache-fill'
  | 'collector'
  | 'insufficient'

export interface MemoryRestart {
  /** First sample of the new process, milliseconds since the epoch. */
  readonly at: number
  readonly source: 'process-start' | 'counter-reset' | 'level'
  readonly beforeBytes: number
  readonly afterBytes: number
}

/** The stretch between two restarts. */
export interface MemorySegment {
  readonly from: number
  readonly to: number
  readonly fromBytes: number
  readonly toBytes: number
  /** End against start; says nothing about the cause. */
  readonly bytesPerHour: number
  readonly deploys: number | undefined
}

export interface MemoryVerdict {
  readonly verdict: 'confirmed' | 'suspected' | 'none' | 'insufficient'
  /** That there is a leak, 0.03 to 0.97. */
  readonly confidence: number
  /** Of the suspected or confirmed leak. */
  readonly driver: GrowthDriver | 'cannot-separate' | undefined
  /** The likeliest driver even where the drivers cannot be told apart. */
  readonly likeliestDriver: GrowthDriver | undefined
  readonly explanation: MemoryExplanation
  /** Share of the evidence that each explanation holds, summing to 1; the largest first. */
  readonly weights: readonly { readonly explanation: MemoryExplanation; readonly weight: number }[]
  /** Now: the median of the last five samples. */
  readonly levelBytes: number
  /** `levelBytes` of the limit, 0 to 1. */
  readonly share: number
  /** Leak rate that the best leak model states, at the pace of deploys or requests of late where that rose; 0 where no leak is suspected. */
  readonly bytesPerHour: number
  /** 95 %. */
  readonly bytesPerHourInterval?: Interval
  /** End of the window against its start, as an alert would state it; restarts included, so it may contradict `bytesPerHour`. */
  readonly wholeWindowBytesPerHour: number
  readonly bytesPerDeploy?: number
  /** 95 %. */
  readonly bytesPerDeployInterval?: Interval
  /** Deploys in the current segment. */
  readonly deploys?: number
  readonly deploysLeft?: number
  /** Absent: not within 14 days. */
  readonly hoursToLimit?: number
  /** 80 % nominal; say "about 70 %". */
  readonly hoursToLimitInterval?: Interval
  readonly restarts: readonly MemoryRestart[]
  readonly segments: readonly MemorySegment[]
}
