/** How much may be sent: `burst` at once, then `perSecond`. */
export interface Budget {
  readonly burst: number
  readonly perSecond: number
  /** Tokens that only urgent calls may use. */
  readonly reserve: number
}

/** A budget's state at a moment. */
export interface Bucket {
  readonly tokens: number
  /** ms since the epoch. */
  readonly at: number
}

/** The bucket as time refilled it; a clock that runs backwards refills nothing. */
export function refilled(budget: Budget, bucket: Bucket | undefined, now: number): Bucket {
  if (bucket === undefined) return { tokens: budget.burst, at: now }
  const seconds = Math.max(0, now - bucket.at) / 1000
  return { tokens: Math.min(budget.burst, bucket.tokens + seconds * budget.perSecond), at: now }
}

/** ms until a call may pass; 0 when it may now. */
export function waitMs(budget: Budget, bucket: Bucket, urgent: boolean): number {
  const needed = 1 + (urgent ? 0 : budget.reserve)
  // A millionth of a token: sums of fractions never quite reach a whole.
  const missing = needed - bucket.tokens - 1e-6
  return missing <= 0 ? 0 : Math.ceil((missing / budget.perSecond) * 1000)
}
