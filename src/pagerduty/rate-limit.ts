import type { IncomingHttpHeaders } from 'node:http'

/** A 429 may come without headers; windows last a minute. */
const UNKNOWN_WAIT_MS = 30_000
const SHORTEST_WAIT_MS = 1000
/** No header, however wrong, silences us for longer. */
const LONGEST_WAIT_MS = 120_000

/**
 * How long to make no further requests after an answer, in ms; 0 for none. A used-up budget counts as much as a 429,
 * so that the refusal itself is mostly avoided. https://developer.pagerduty.com/docs/rest-api-rate-limits
 */
export function pauseAfter(status: number | undefined, headers: IncomingHttpHeaders): number {
  const seconds = wholeNumber(headers['ratelimit-reset']) ?? wholeNumber(headers['retry-after'])
  const exhausted = status === 429 || (wholeNumber(headers['ratelimit-remaining']) === 0 && seconds !== undefined)
  if (!exhausted) return 0
  const waitMs = seconds === undefined ? UNKNOWN_WAIT_MS : seconds * 1000
  return Math.min(Math.max(waitMs, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)
}

function wholeNumber(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined
}
