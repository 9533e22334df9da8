import { z } from 'zod'
import type { Attempt } from './attempt.ts'
import type { PagerDutyErrorKind, PagerDutyFailure } from './errors.ts'
import { optional } from './schema.ts'

const REQUESTER_NOT_AUTHORISED = 1018

const errorBody = z.object({
  error: z.object({
    message: optional(z.string()),
    code: optional(z.number().int()),
    errors: optional(z.array(z.string())),
  }),
})

/**
 * What went wrong with a request, or `undefined` where its JSON arrived with a 2xx. `changes`: it was to change something,
 * so that an end after the connection stood leaves open whether it did.
 */
export function failureOf(made: Attempt, changes: boolean): Omit<PagerDutyFailure, 'operation'> | undefined {
  const { status } = made
  const ambiguous = changes && made.connected
  if (status === 429) return { kind: 'rate-limited', status }
  if (made.ended) return { kind: 'timeout', status, ambiguous }
  if (status === undefined) return { kind: 'unavailable', detail: networkCode(made.error), ambiguous }
  if (status >= 400) return refusal(status, made.body, changes)
  if (status < 300 && made.body !== undefined) return undefined
  return { kind: 'bad-answer', status, detail: `status ${status}, no JSON`, ambiguous }
}

function refusal(status: number, body: unknown, changes: boolean): Omit<PagerDutyFailure, 'operation'> {
  const parsed = errorBody.safeParse(body)
  const error = parsed.success ? parsed.data.error : undefined
  const kind = kindOf(status, error?.code)
  const detail = [error?.message, ...(error?.errors ?? [])].filter(Boolean).join('; ')
  // A gateway's 5xx says nothing about what happened behind it.
  return { kind, status, code: error?.code, detail, ambiguous: changes && kind === 'unavailable' }
}

/** Code 1018 comes with more than one status. */
function kindOf(status: number, code: number | undefined): PagerDutyErrorKind {
  if (code === REQUESTER_NOT_AUTHORISED) return 'forbidden'
  if (status === 401) return 'unauthorized'
  // 402: the account's plan lacks the ability.
  if (status === 402 || status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  return status === 408 || status >= 500 ? 'unavailable' : 'invalid'
}

function networkCode(error: Error | undefined): string | undefined {
  return error && 'code' in error ? String(error.code) : undefined
}
