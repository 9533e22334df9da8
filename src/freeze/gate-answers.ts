import { nearest } from '../config/did-you-mean.ts'
import type { Exemption, Freeze } from '../domain/freeze.ts'
import { describeExemption, describeFreeze, exemptMessage, refusedMessage } from './describe.ts'
import { etagOf, matches } from './etag.ts'
import { exemptionFor } from './exempted.ts'
import type { Deploy } from './question.ts'

export type GateResult =
  | 'free'
  | 'frozen'
  | 'exempt'
  | 'unauthorized'
  | 'unknown-service'
  | 'bad-question'
  | 'unavailable'

export interface GateAnswer {
  readonly result: GateResult
  readonly status: number
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** What is known of a service when it is asked about. */
export interface Known {
  /** Those that stop such a deploy unless it is exempt, the one that lasts longest first. */
  readonly freezes: readonly Freeze[]
  /** When this was true, ms since the epoch. */
  readonly asOf: number
  /** From memory, because the store does not answer. */
  readonly stale: boolean
}

/** The freezes that refuse the deploy: those against it that do not exempt it. */
export function refusing(freezes: readonly Freeze[], deploy: Deploy): readonly Freeze[] {
  return freezes.filter((freeze) => exemptionFor(freeze, deploy) === undefined)
}

/** 200 free or exempt, 423 frozen. What is said of a deploy that is exempt from some freezes only is said of those that refuse it. */
export function answerFor(service: string, deploy: Deploy, known: Known, command: string): GateAnswer {
  const { freezes, asOf, stale } = known
  const [refusal] = refusing(freezes, deploy)
  const [longest] = freezes
  const exemption = longest && exemptionFor(longest, deploy)
  const asked = { service, ...(stale && { stale }) }
  const at = { asOf: new Date(asOf).toISOString() }
  if (refusal !== undefined) {
    const content = { ...asked, frozen: true, ...describeFreeze(refusal), freezes: freezes.map(describeFreeze) }
    return tagged('frozen', 423, content, { ...at, message: refusedMessage(refusal, deploy.name, command) })
  }
  if (longest === undefined || exemption === undefined) return tagged('free', 200, { ...asked, frozen: false }, at)
  const content = { ...asked, ...passing(longest, exemption), freezes: freezes.map(describeFreeze) }
  return tagged('exempt', 200, content, { ...at, message: exemptMessage(longest, exemption) })
}

function passing(freeze: Freeze, exemption: Exemption) {
  return { frozen: true, exempt: describeExemption(exemption), ...describeFreeze(freeze) }
}

function tagged(result: GateResult, status: number, content: object, more: object): GateAnswer {
  const headers = { etag: etagOf(content), 'cache-control': status === 200 ? 'private, no-cache' : 'no-store' }
  return { result, status, body: { ...content, ...more }, headers }
}

/** 304 where the client has this answer already, and only in place of a 200: preconditions change no other status (RFC 9110 §13.2.1). */
export function conditional(answer: GateAnswer, ifNoneMatch: string | undefined): GateAnswer {
  const { etag } = answer.headers
  if (answer.status !== 200 || etag === undefined || !matches(ifNoneMatch, etag)) return answer
  return { ...answer, status: 304, body: {} }
}

export function unauthorized(nobody: boolean): GateAnswer {
  const error = nobody
    ? 'No gate tokens are configured, so nobody may ask. Add one under gate.tokens in incbot.yaml.'
    : 'This needs a header “Authorization: Bearer <token>” with a token from gate.tokens in incbot.yaml.'
  return problem('unauthorized', 401, { error }, { 'www-authenticate': 'Bearer realm="incbot"' })
}

export function unknownService(name: string, known: readonly string[]): GateAnswer {
  const didYouMean = nearest(name, known)
  const hint = didYouMean === undefined ? '' : ` Did you mean ${didYouMean}?`
  const error = `The service catalogue has no service of this name.${hint}`
  return problem('unknown-service', 404, { error, ...(didYouMean !== undefined && { didYouMean }) })
}

export function badQuestion(error: string): GateAnswer {
  return problem('bad-question', 400, { error })
}

export function unavailable(): GateAnswer {
  const error = 'incbot cannot read its records just now, so it cannot tell whether deploys are frozen. Ask again.'
  return problem('unavailable', 503, { error }, { 'retry-after': '2' })
}

function problem(
  result: GateResult,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): GateAnswer {
  return { result, status, body, headers: { 'cache-control': 'no-store', ...headers } }
}
