import { SourceError } from '../datasources/datasource.ts'
import { fieldsOf } from '../domain/fields.ts'

/** What an API server said, as far as it said anything. */
export interface ApiFailure {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly message: string
  /** What lies behind a refusal, in the API server's words: "The disruption budget web needs 3 healthy pods and has 3 currently". */
  readonly causes: readonly string[]
  readonly timedOut: boolean
  /** Whether the request cannot have reached the API server. */
  readonly neverSent: boolean
}

/** System errors from before a connection stood. */
const BEFORE_CONNECTING: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** Reads the client library's exceptions: `code` is the HTTP status and `body` a Status object, as text or parsed. */
export function apiFailure(error: unknown): ApiFailure {
  if (!(error instanceof Error))
    return {
      status: undefined,
      reason: undefined,
      message: 'unknown failure',
      causes: [],
      timedOut: false,
      neverSent: false,
    }
  const timedOut = error.name === 'AbortError' || error.name === 'TimeoutError'
  const code = 'code' in error ? error.code : undefined
  const status = typeof code === 'number' ? code : undefined
  const said = statusObject('body' in error ? error.body : undefined)
  const message = said.message ?? (status === undefined ? error.message.split('\n')[0] : undefined) ?? `HTTP ${status}`
  return {
    status,
    reason: said.reason,
    message,
    causes: said.causes,
    timedOut,
    neverSent: BEFORE_CONNECTING.has(code),
  }
}

/** As a question that could not be answered; names the permission that was missing. */
export function clusterSourceError(cluster: string, question: string, permission: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error
  const { status, message, timedOut } = apiFailure(error)
  const text = (why: string) => `Cluster ${cluster}, ${question}: ${why}`
  if (timedOut) return new SourceError('timeout', cluster, text('no answer in time.'), { cause: error })
  if (status === undefined)
    return new SourceError('unreachable', cluster, text(`not reachable (${message}).`), { cause: error })
  if (status === 401)
    return new SourceError(
      'unauthorized',
      cluster,
      text('the credentials were refused (401). Check the read kubeconfig.'),
      { cause: error },
    )
  if (status === 403)
    return new SourceError('forbidden', cluster, text('not allowed (403).'), {
      cause: error,
      missingPermission: permission,
    })
  if (status === 404) return new SourceError('missing', cluster, text(message), { cause: error })
  return new SourceError('bad-answer', cluster, text(`${status} ${message}`), { cause: error })
}

interface StatusObject {
  readonly message: string | undefined
  readonly reason: string | undefined
  readonly causes: readonly string[]
}

function statusObject(body: unknown): StatusObject {
  const { message, reason, details } = fieldsOf(typeof body === 'string' ? parse(body) : body)
  const { causes } = fieldsOf(details)
  return {
    message: textOf(message),
    reason: textOf(reason),
    causes: Array.isArray(causes) ? causes.flatMap((cause) => textOf(fieldsOf(cause).message) ?? []) : [],
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
