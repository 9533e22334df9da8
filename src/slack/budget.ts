import type { Priority } from './priority.ts'

/** How much may be sent: `burst` at once, then `perSecond`. */
export interface Budget {
  readonly burst: number
  readonly perSecond: number
  /** Tokens that are kept for people's answers and for the first word about an urgent incident. */
  readonly reserve: number
  /** Where set: no more than this in any 60 seconds, wherever they begin. */
  readonly inAnyMinute?: number
}

/** A budget's state at a moment. */
export interface Bucket {
  readonly tokens: number
  /** ms since the epoch. */
  readonly at: number
  /** When what was spent within the last minute was spent, ms since the epoch, oldest first. */
  readonly spentAt: readonly number[]
}

const MINUTE_MS = 60_000

/** The bucket as time refilled it; a clock that runs backwards refills nothing. */
export function refilled(budget: Budget, bucket: Bucket | undefined, now: number): Bucket {
  if (bucket === undefined) return { tokens: budget.burst, at: now, spentAt: [] }
  const seconds = Math.max(0, now - bucket.at) / 1000
  const spentAt = bucket.spentAt.filter((at) => at > now - MINUTE_MS)
  return { tokens: Math.min(budget.burst, bucket.tokens + seconds * budget.perSecond), at: now, spentAt }
}

/** The bucket after one call. */
export function spent(budget: Budget, { tokens, at, spentAt }: Bucket): Bucket {
  return { tokens: tokens - 1, at, spentAt: budget.inAnyMinute === undefined ? [] : [...spentAt, at] }
}

/** Tokens that a call of this priority leaves for others. */
function leftFor(budget: Budget, priority: Priority): number {
  if (priority === 'person' || priority === 'urgent-card') return 0
  return priority === 'progress' ? Math.max(budget.reserve, budget.burst / 2) : budget.reserve
}

/** ms until a call may pass when `ahead` others go first; 0 when it may now. */
export function waitMs(budget: Budget, bucket: Bucket, priority: Priority, ahead: number): number {
  const needed = 1 + ahead + leftFor(budget, priority)
  // A millionth of a token: sums of fractions never quite reach a whole.
  const missing = needed - bucket.tokens - 1e-6
  const refill = missing <= 0 ? 0 : Math.ceil((missing / budget.perSecond) * 1000)
  return Math.max(refill, minuteWaitMs(budget, bucket, needed))
}

/** ms until so many more may be spent within a minute. */
function minuteWaitMs({ inAnyMinute }: Budget, { spentAt, at }: Bucket, needed: number): number {
  if (inAnyMinute === undefined) return 0
  const tooMany = Math.ceil(spentAt.length + needed - inAnyMinute)
  if (tooMany <= 0) return 0
  // What is not spent yet will be a minute old in a minute.
  return (spentAt[tooMany - 1] ?? at) + MINUTE_MS - at
}
