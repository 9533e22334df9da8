import { SourceError } from '../datasource.ts'
import { admit, answered, type Breaker, type BreakerLimits, closed, unanswered, undecided } from './breaker.ts'
import { createBulkhead } from './bulkhead.ts'
import type { SourceMeter } from './meter.ts'
import { untilAborted } from './until-aborted.ts'

export interface TurnstileLimits extends BreakerLimits {
  /** Questions to one source at the same time. */
  readonly atOnce: number
  /** Questions that wait for that; more are refused at once. */
  readonly line: number
  /** Whoever is called off after being silent for this long did not answer. */
  readonly silenceMs: number
  /** No question takes longer, whatever its source does with its signal. */
  readonly longestMs: number
}

/** Prometheus itself runs 20 queries at the same time, and others ask it too. */
export const turnstileLimits: TurnstileLimits = {
  atOnce: 12,
  line: 500,
  failures: 5,
  firstRestMs: 30_000,
  longestRestMs: 120_000,
  silenceMs: 3_000,
  longestMs: 30_000,
}

/** The way to one source: so many at the same time, and nobody while it does not answer. */
export interface Turnstile {
  /** Rejects with `SourceError`, at once where asking makes no sense. */
  pass<T>(put: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createTurnstile(
  source: string,
  deps: { readonly now: () => number; readonly meter: SourceMeter; readonly limits: TurnstileLimits },
): Turnstile {
  const { now, meter, limits } = deps
  const bulkhead = createBulkhead(limits.atOnce, limits.line)
  let breaker: Breaker = closed
  let lastFailure = ''

  function become(next: Breaker): void {
    if (next.state !== breaker.state) meter.sourceState(source, next.state)
    breaker = next
  }

  /** Throws while the source is not to be asked. */
  function checkIn(): void {
    const admitted = admit(breaker, now())
    become(admitted.breaker)
    if (!admitted.refused) return
    meter.sourceQuestion(source, 'refused')
    const { failures } = breaker
    const until = breaker.state === 'open' ? `until ${clockTime(breaker.until)}` : 'while one question finds out'
    throw new SourceError(
      'unreachable',
      source,
      `${source} did not answer ${failures} times in a row; it is not asked again ${until}. The last time: ${lastFailure}`,
    )
  }

  function failed(error: unknown, signal: AbortSignal, askedForMs: number): void {
    const silent = error instanceof SourceError && (error.kind === 'timeout' || error.kind === 'unreachable')
    if (signal.aborted && askedForMs < limits.silenceMs) {
      meter.sourceQuestion(source, 'called-off')
      become(undecided(breaker, now()))
    } else if (signal.aborted || silent) {
      meter.sourceQuestion(source, 'unanswered')
      lastFailure =
        error instanceof SourceError ? error.message : `no answer within ${Math.round(askedForMs / 1000)} s.`
      become(unanswered(breaker, limits, now()))
    } else {
      meter.sourceQuestion(source, 'answered')
      become(answered())
    }
  }

  async function put<T>(question: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const began = performance.now()
    const tooLong = AbortSignal.timeout(limits.longestMs)
    const either = AbortSignal.any([signal, tooLong])
    try {
      const answer = await untilAborted(question(either), either)
      meter.sourceQuestion(source, 'answered')
      become(answered())
      return answer
    } catch (error) {
      failed(error, either, performance.now() - began)
      if (!tooLong.aborted || signal.aborted || error instanceof SourceError) throw error
      throw new SourceError('timeout', source, `${source} did not answer within ${limits.longestMs / 1000} s.`)
    }
  }

  return {
    async pass(question, signal) {
      if (breaker.state === 'open' && now() < breaker.until) checkIn()
      if (bulkhead.isFull) {
        meter.sourceQuestion(source, 'crowded')
        throw new SourceError('timeout', source, `${limits.line} questions wait for ${source}; this one was not asked.`)
      }
      await bulkhead.enter(signal)
      try {
        // What it was like when the question got in line may be long ago.
        checkIn()
        return await put(question, signal)
      } finally {
        bulkhead.leave()
      }
    },
  }
}

/** "03:44:10 UTC". */
function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`
}
