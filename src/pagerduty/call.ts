import http from 'node:http'
import https from 'node:https'
import { api } from '@pagerduty/pdjs'
import { z } from 'zod'
import { kindOf, PagerDutyError, type PagerDutyFailure } from './errors.ts'
import { pauseAfter } from './rate-limit.ts'
import { watchedAgent } from './request-watch.ts'
import { optional } from './schema.ts'

export interface RestCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Record<string, string | string[]>
  readonly data?: object
  /** In whose name a change is made. */
  readonly from?: string
}

export interface CallerOptions {
  readonly token: string
  /** `https://api.pagerduty.com`, the EU's host, or a stand-in on loopback. */
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly now: () => number
}

/** Makes one request and gives its JSON; throws `PagerDutyError`. Never repeats a request by itself. */
export type Caller = (call: RestCall, signal: AbortSignal) => Promise<unknown>

/** PagerDuty asks for few requests at a time per token. */
const MAX_SOCKETS = 4
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

const errorBody = z.object({
  error: z.object({
    message: optional(z.string()),
    code: optional(z.number().int()),
    errors: optional(z.array(z.string())),
  }),
})

/**
 * One door to PagerDuty's REST API through pdjs, whose own deadline does nothing, whose retries ignore the rate limit's
 * headers, and which rejects with things that are no errors.
 */
export function createCaller({ token, baseUrl, timeoutMs, now }: CallerOptions): Caller {
  const base = baseUrl.replace(/\/+$/, '')
  const socketOptions = { keepAlive: false, maxSockets: MAX_SOCKETS }
  const sockets = base.startsWith('https:') ? new https.Agent(socketOptions) : new http.Agent(socketOptions)
  let pausedUntil = 0

  return async ({ method, path, query, data, from }, signal) => {
    const changes = method !== 'GET'
    const operation = `${method} ${path}`
    let connected = false
    let status: number | undefined
    const failed = (failure: Omit<PagerDutyFailure, 'operation'>) =>
      new PagerDutyError({ operation, status, ...failure })
    const limited = () => failed({ kind: 'rate-limited', retryAfterMs: Math.max(0, pausedUntil - now()) })

    if (signal.aborted) throw failed({ kind: 'timeout', cause: signal.reason })
    if (now() < pausedUntil) throw limited()

    const ending = new AbortController()
    const agent = watchedAgent(sockets, {
      connected: () => {
        connected = true
      },
      answered: (code, headers) => {
        status = code
        const pauseMs = pauseAfter(code, headers)
        if (pauseMs > 0) pausedUntil = now() + pauseMs
        // Before pdjs sees it: it would sit on the request for 20 s and then send it again.
        if (code === 429) ending.abort()
      },
    })
    const ended = new Promise<never>((_, reject) => {
      ending.signal.addEventListener('abort', () => {
        if (status === 429) reject(limited())
        else reject(failed({ kind: 'timeout', ambiguous: changes && connected, cause: signal.reason }))
      })
    })
    const end = () => ending.abort()
    const deadline = setTimeout(end, timeoutMs)
    signal.addEventListener('abort', end)

    const request = {
      url: `${base}${path}`,
      method,
      token,
      ...(query && { queryParameters: query }),
      ...(data && { data }),
      headers: from === undefined ? {} : { From: from },
      // Otherwise pdjs keeps the process alive for 30 s after a network error.
      requestTimeout: 0,
      // A redirect would carry the token elsewhere.
      redirect: 'error' as const,
      signal: ending.signal,
      agent,
      size: MAX_ANSWER_BYTES,
    }
    try {
      const answer = await Promise.race([api(request), ended])
      if (answer.status >= 200 && answer.status < 300) return answer.data as unknown
      throw refusal(answer.status, answer.data)
    } catch (thrown) {
      throw thrown instanceof PagerDutyError ? thrown : unexpected(thrown)
    } finally {
      clearTimeout(deadline)
      signal.removeEventListener('abort', end)
    }

    function refusal(code: number, body: unknown): PagerDutyError {
      const parsed = errorBody.safeParse(body)
      const error = parsed.success ? parsed.data.error : undefined
      const kind = kindOf(code, error?.code)
      const detail = [error?.message, ...(error?.errors ?? [])].filter(Boolean).join('; ')
      return failed({ kind, detail, code: error?.code, ambiguous: changes && kind === 'unavailable' })
    }

    /** pdjs rejects with a Response where the answer was no JSON, and with node-fetch's error where there was none. */
    function unexpected(thrown: unknown): PagerDutyError {
      if (status !== undefined && status >= 400) return refusal(status, undefined)
      const cause = thrown instanceof Error ? thrown : undefined
      const ambiguous = changes && connected
      if (status !== undefined) return failed({ kind: 'bad-answer', detail: `status ${status}`, ambiguous, cause })
      return failed({ kind: 'unavailable', detail: networkCode(cause), ambiguous, cause })
    }
  }
}

function networkCode(error: Error | undefined): string | undefined {
  return error && 'code' in error ? String(error.code) : undefined
}
