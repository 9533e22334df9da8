import { setMaxListeners } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { api } from '@pagerduty/pdjs'
import { watchedAgent } from './request-watch.ts'

export interface RestCall {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Record<string, string | string[]>
  readonly data?: object
  /** In whose name a change is made. */
  readonly from?: string
}

/** All that is known of one request when it is over, however it went. */
export interface Attempt {
  /** Whether the request may have arrived. */
  readonly connected: boolean
  readonly status: number | undefined
  readonly headers: http.IncomingHttpHeaders
  /** The answer's JSON; `undefined` where it was none or was not read to its end. */
  readonly body: unknown
  /** The deadline passed or the caller gave up. */
  readonly ended: boolean
  readonly error: Error | undefined
}

/** PagerDuty asks for few requests at a time per token. */
const MAX_SOCKETS = 4
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/** Sockets for one base URL. No connection is kept: a kept one that the server closes would leave a note in doubt. */
export function socketsFor(baseUrl: string): http.Agent {
  const options = { keepAlive: false, maxSockets: MAX_SOCKETS }
  return baseUrl.startsWith('https:') ? new https.Agent(options) : new http.Agent(options)
}

/**
 * Sends one request through pdjs, once, and never throws. pdjs needs the full address per call (its `server` forces
 * https), has a deadline that does nothing, sits on a 429 for 20 s and repeats it, and rejects with things that are no errors.
 */
export async function attempt(
  call: RestCall,
  target: { readonly baseUrl: string; readonly token: string; readonly sockets: http.Agent },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Attempt> {
  const seen = { connected: false, status: undefined as number | undefined, headers: {} as http.IncomingHttpHeaders }
  const ending = new AbortController()
  const agent = watchedAgent(target.sockets, {
    connected: () => {
      seen.connected = true
    },
    answered: (status, headers) => {
      Object.assign(seen, { status, headers })
      if (status === 429) ending.abort()
    },
  })
  const end = () => ending.abort()
  const over = new Promise<undefined>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve(undefined))
  })
  const deadline = setTimeout(end, timeoutMs)
  // Many calls may share one signal, which is no leak: each takes its listener away again.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', end)

  const request = {
    url: target.baseUrl + call.path,
    method: call.method,
    token: target.token,
    ...(call.query && { queryParameters: call.query }),
    ...(call.data && { data: call.data }),
    headers: call.from === undefined ? {} : { From: call.from },
    // Otherwise pdjs keeps the process alive for 30 s after a network error.
    requestTimeout: 0,
    // A redirect would carry the token elsewhere.
    redirect: 'error' as const,
    signal: ending.signal,
    agent,
    size: MAX_ANSWER_BYTES,
  }
  try {
    const answer = await Promise.race([api(request), over])
    return { ...seen, body: answer?.data as unknown, ended: answer === undefined, error: undefined }
  } catch (thrown) {
    // A Response where the answer was no JSON, node-fetch's error where there was none.
    const error = thrown instanceof Error ? thrown : undefined
    return { ...seen, body: undefined, ended: ending.signal.aborted, error }
  } finally {
    clearTimeout(deadline)
    signal.removeEventListener('abort', end)
  }
}
