import { oneLine } from './text.ts'

export type PagerDutyErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'rate-limited'
  | 'invalid'
  | 'unavailable'
  | 'timeout'
  | 'bad-answer'

export interface PagerDutyFailure {
  readonly kind: PagerDutyErrorKind
  /** "POST /incidents/Q1/notes" */
  readonly operation: string
  /** What PagerDuty or the network said, if anything. */
  readonly detail?: string | undefined
  readonly status?: number | undefined
  readonly code?: number | undefined
  readonly retryAfterMs?: number | undefined
  readonly ambiguous?: boolean
  readonly cause?: unknown
}

const MEANING: Readonly<Record<PagerDutyErrorKind, string>> = {
  unauthorized:
    'PagerDuty does not accept the API token: check PAGERDUTY_API_TOKEN and that PAGERDUTY_API_URL is your region',
  forbidden: 'The PagerDuty token or the PAGERDUTY_FROM user may not do this: give it the permission',
  'not-found': 'PagerDuty knows nothing under this id',
  'rate-limited': 'PagerDuty allows no more requests for the moment',
  invalid: 'PagerDuty refused the request',
  unavailable: 'PagerDuty could not be reached or has trouble itself',
  timeout: 'PagerDuty did not answer in time',
  'bad-answer':
    'Something that is not PagerDuty answered, or its answer has changed: check PAGERDUTY_API_URL and proxies',
}

/** A call that failed. The message is for people; decide on the fields. */
export class PagerDutyError extends Error {
  readonly kind: PagerDutyErrorKind
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined
  /** PagerDuty's own error code. https://developer.pagerduty.com/docs/errors */
  readonly code: number | undefined
  /** For `rate-limited`: when the next call makes sense. */
  readonly retryAfterMs: number | undefined
  /** Whether a change may have been made all the same; look before doing it again. */
  readonly ambiguous: boolean

  constructor(failure: PagerDutyFailure) {
    const detail = failure.detail ? `: ${oneLine(failure.detail, 300)}` : ''
    super(`${MEANING[failure.kind]} (${failure.operation}${detail}).`, { cause: failure.cause })
    this.name = 'PagerDutyError'
    this.kind = failure.kind
    this.status = failure.status
    this.code = failure.code
    this.retryAfterMs = failure.retryAfterMs
    this.ambiguous = failure.ambiguous ?? false
  }
}
