import { fieldsOf } from '../domain/fields.ts'

/**
 * What a failed call to Slack means for whoever made it.
 * `rate-limited`: not accepted, worth repeating after `retryAfterMs`. `refused`: Slack said no. `unavailable`: it was not accepted,
 * nobody was there. `ambiguous`: it may have been accepted, so look before repeating anything that is not idempotent.
 */
export type SlackErrorKind = 'rate-limited' | 'refused' | 'ambiguous' | 'unavailable'

/** A call to Slack that failed. The message is for people; decide on the fields. */
export class SlackError extends Error {
  readonly kind: SlackErrorKind
  readonly method: string
  /** Slack's error code such as `channel_not_found`, or the network's. */
  readonly code: string
  readonly retryAfterMs: number | undefined

  constructor(failure: {
    readonly kind: SlackErrorKind
    readonly method: string
    readonly code: string
    readonly detail?: string | undefined
    readonly retryAfterMs?: number
    readonly cause?: unknown
  }) {
    const detail = failure.detail === undefined ? '' : `: ${failure.detail.slice(0, 500)}`
    super(`${MEANING[failure.kind]} (${failure.method}, ${failure.code}${detail}).`, { cause: failure.cause })
    this.name = 'SlackError'
    this.kind = failure.kind
    this.method = failure.method
    this.code = failure.code
    this.retryAfterMs = failure.retryAfterMs
  }
}

const MEANING: Readonly<Record<SlackErrorKind, string>> = {
  'rate-limited': 'Slack asks for patience; nothing was sent',
  refused: 'Slack refused the call',
  ambiguous: 'Slack did not confirm the call, which may have been carried out all the same',
  unavailable: 'Slack could not be reached; nothing was sent',
}

/** Without a Retry-After the usual window of Slack's limits is a minute; half of it is a polite guess. */
const UNKNOWN_WAIT_MS = 30_000
/** No header, however wrong, silences us for longer. */
const LONGEST_WAIT_MS = 10 * 60_000

/** Codes with which Slack itself says that some of it may have happened. https://docs.slack.dev/reference/methods/chat.postMessage */
const PERHAPS_DONE: ReadonlySet<string> = new Set(['fatal_error', 'internal_error', 'request_timeout'])
const LIMITED: ReadonlySet<string> = new Set(['ratelimited', 'rate_limited', 'message_limit_exceeded'])
/** Failures to connect: the request cannot have left. */
const NEVER_LEFT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whatever @slack/web-api, `fetch` or a signal rejected with, as a `SlackError`. */
export function toSlackError(error: unknown, method: string): SlackError {
  if (error instanceof SlackError) return error
  const { code, data, retryAfter, statusCode, original } = fieldsOf(error)
  if (original !== undefined) return toSlackError(original, method)
  if (typeof retryAfter === 'number') return limited(method, retryAfter * 1000, error)
  if (typeof statusCode === 'number') return httpFailure(method, statusCode, error)
  if (code === 'slack_webapi_platform_error') return platformFailure(method, data, error)
  return networkFailure(method, error)
}

function limited(method: string, waitMs: number, cause?: unknown): SlackError {
  const retryAfterMs = Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS)
  return new SlackError({ kind: 'rate-limited', method, code: 'ratelimited', retryAfterMs, cause })
}

function httpFailure(method: string, status: number, cause: unknown): SlackError {
  if (status === 429) return limited(method, UNKNOWN_WAIT_MS, cause)
  return new SlackError({ kind: status >= 500 ? 'ambiguous' : 'refused', method, code: `http_${status}`, cause })
}

function platformFailure(method: string, data: unknown, cause: unknown): SlackError {
  const { error, needed, response_metadata } = fieldsOf(data)
  const said = typeof error === 'string' ? error : ''
  // A body that is no JSON (a proxy's page, a cut connection) is handed on as the "code".
  if (!/^[a-z][a-z0-9_.-]{0,80}$/i.test(said)) {
    return new SlackError({ kind: 'ambiguous', method, code: 'bad_answer', cause })
  }
  if (LIMITED.has(said)) return limited(method, UNKNOWN_WAIT_MS, cause)
  if (PERHAPS_DONE.has(said)) return new SlackError({ kind: 'ambiguous', method, code: said, cause })
  if (said === 'service_unavailable') return new SlackError({ kind: 'unavailable', method, code: said, cause })
  const { messages } = fieldsOf(response_metadata)
  const detail =
    typeof needed === 'string' ? `needs ${needed}` : Array.isArray(messages) ? messages.join('; ') : undefined
  return new SlackError({ kind: 'refused', method, code: said, detail, cause })
}

function networkFailure(method: string, error: unknown): SlackError {
  const code = networkCode(error)
  const kind = code !== undefined && NEVER_LEFT.has(code) ? 'unavailable' : 'ambiguous'
  return new SlackError({ kind, method, code: code ?? 'no_answer', cause: error })
}

/** `fetch` wraps the socket's error, sometimes twice. */
function networkCode(error: unknown, depth = 0): string | undefined {
  const { name, code, cause } = fieldsOf(error)
  if (typeof code === 'string') return code
  if (name === 'TimeoutError' || name === 'AbortError') return String(name)
  return cause === undefined || depth > 4 ? undefined : networkCode(cause, depth + 1)
}
