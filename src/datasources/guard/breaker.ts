/** Whether a system is worth asking. `open`: not before `until`; `probing`: one question finds out. Times in ms since the epoch. */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly failures: number; readonly until: number; readonly restMs: number }
  | { readonly state: 'probing'; readonly failures: number; readonly restMs: number }

export interface BreakerLimits {
  /** So many questions in a row without an answer, and no more are asked. */
  readonly failures: number
  /** For how long, the first time; each probe that fails doubles it. */
  readonly firstRestMs: number
  readonly longestRestMs: number
}

export const closed: Breaker = { state: 'closed', failures: 0 }

/** The breaker as a question finds it, which may make that question the probe; `refused` while none may be asked. */
export function admit(breaker: Breaker, now: number): { readonly breaker: Breaker; readonly refused: boolean } {
  if (breaker.state === 'closed') return { breaker, refused: false }
  const { failures, restMs } = breaker
  const isProbe = breaker.state === 'open' && now >= breaker.until
  return isProbe ? { breaker: { state: 'probing', failures, restMs }, refused: false } : { breaker, refused: true }
}

/** Any answer, a refusal too, shows that the system is there. */
export function answered(): Breaker {
  return closed
}

/** A question that got no answer. Those that were under way when it opened change nothing any more. */
export function unanswered(breaker: Breaker, limits: BreakerLimits, now: number): Breaker {
  if (breaker.state === 'open') return breaker
  const failures = breaker.failures + 1
  if (breaker.state === 'closed' && failures < limits.failures) return { state: 'closed', failures }
  const restMs = breaker.state === 'probing' ? Math.min(2 * breaker.restMs, limits.longestRestMs) : limits.firstRestMs
  return { state: 'open', failures, until: now + restMs, restMs }
}

/** The probe was called off before it could tell: the next question is one. */
export function undecided(breaker: Breaker, now: number): Breaker {
  if (breaker.state !== 'probing') return breaker
  return { state: 'open', failures: breaker.failures, until: now, restMs: breaker.restMs }
}
