import { attempt, type RestCall, socketsFor } from './attempt.ts'
import { PagerDutyError } from './errors.ts'
import { failureOf } from './failure.ts'
import { pauseAfter } from './rate-limit.ts'

export interface CallerOptions {
  readonly token: string
  /** `https://api.pagerduty.com`, the EU's host, or a stand-in on loopback. */
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly now: () => number
}

/** Makes one request and gives its JSON; throws `PagerDutyError`. Never repeats a request by itself. */
export type Caller = (call: RestCall, signal: AbortSignal) => Promise<unknown>

/** One door to PagerDuty's REST API, closed while the rate limit asks for a pause. */
export function createCaller({ token, baseUrl, timeoutMs, now }: CallerOptions): Caller {
  const target = { token, baseUrl: baseUrl.replace(/\/+$/, ''), sockets: socketsFor(baseUrl) }
  let pausedUntil = 0

  return async (call, signal) => {
    const operation = `${call.method} ${call.path}`
    if (signal.aborted) throw new PagerDutyError({ kind: 'timeout', operation, cause: signal.reason })
    const pauseMs = pausedUntil - now()
    if (pauseMs > 0) throw new PagerDutyError({ kind: 'rate-limited', operation, retryAfterMs: pauseMs })

    const made = await attempt(call, target, timeoutMs, signal)
    const nextPauseMs = pauseAfter(made.status, made.headers)
    if (nextPauseMs > 0) pausedUntil = now() + nextPauseMs
    const failure = failureOf(made, call.method !== 'GET')
    if (!failure) return made.body
    const cause = signal.aborted ? signal.reason : made.error
    const retry = failure.kind === 'rate-limited' ? { retryAfterMs: nextPauseMs } : {}
    // What a proxy repeats of our request would be recorded with the error.
    const detail = failure.detail?.replaceAll(token, '[secret]')
    throw new PagerDutyError({ operation, ...failure, detail, ...retry, cause })
  }
}
