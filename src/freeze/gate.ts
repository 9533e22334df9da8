import { nearest } from '../config/did-you-mean.ts'
import type { Freeze } from '../domain/freeze.ts'
import { within } from '../ops/deadline.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { Store } from '../store/store.ts'
import { bearerCheck, type GateToken } from './bearer.ts'
import { DEPLOY_SCOPES, freezesAgainst } from './covers.ts'
import { describeFreeze, frozenMessage } from './describe.ts'

type GateResult = 'free' | 'frozen' | 'unauthorized' | 'unknown-service' | 'bad-question' | 'unavailable'

/** Counts questions; `service` is a name from the catalogue, or `other`. */
export interface GateMeter {
  gateQuestion(service: string, result: GateResult): void
}

interface GateQuestion {
  readonly service: string
  /** `model` or `workload`: what is about to be deployed. */
  readonly scope?: string | undefined
  /** The header. */
  readonly authorization?: string | undefined
}

interface GateAnswer {
  readonly status: number
  readonly body: object
  readonly headers: Readonly<Record<string, string>>
}

/** Answers one question. Never rejects. */
export type FreezeGate = (question: GateQuestion) => Promise<GateAnswer>

export interface FreezeGateOptions {
  /** None: every question is refused with 401. */
  readonly tokens: readonly GateToken[]
  readonly catalogue: () => Catalogue
  readonly store: Pick<Store, 'activeFreezes'>
  readonly log: Logger
  readonly meter?: GateMeter
  readonly now: () => number
  /** The root command in Slack, for the sentence that says how to lift a freeze. */
  readonly command?: string
  readonly answerWithinMs?: number
}

/**
 * `GET /v1/freezes/:service`: may a deploy go ahead? 200 free, 423 frozen, 401, 404 unknown service, 400 unknown scope. Where incbot
 * cannot tell it says 503, and the pipeline decides what that means (`incbot gate --on-unknown`).
 */
export function freezeGate(options: FreezeGateOptions): FreezeGate {
  const { tokens, catalogue, store, log, meter, now, command = '/inc', answerWithinMs = 3_000 } = options
  const holderOf = bearerCheck(tokens)

  async function decide(question: GateQuestion, holder: string | undefined): Promise<Decision> {
    if (holder === undefined) return unauthorized(tokens.length === 0)
    const { services, byName } = catalogue()
    const service = byName(question.service)
    if (service === undefined) {
      return unknownService(
        question.service,
        services.map(({ name }) => name),
      )
    }
    const scope = DEPLOY_SCOPES.find((one) => one === question.scope)
    if (question.scope !== undefined && scope === undefined) return badScope()
    const at = now()
    try {
      const active = await within(answerWithinMs, () => store.activeFreezes(at, service.name))
      return answerFor(service.name, freezesAgainst(active, scope), at, command)
    } catch (error) {
      log.error({ err: error, service: service.name }, 'Deploy gate cannot tell: the store did not answer')
      return unavailable()
    }
  }

  return async (question) => {
    const holder = holderOf(question.authorization)
    const { result, status, body, headers } = await decide(question, holder)
    const known = catalogue().byName(question.service)?.name ?? 'other'
    const asked = known === 'other' ? question.service.slice(0, 100) : known
    log.info({ holder, service: asked, scope: question.scope?.slice(0, 20), result }, 'Deploy gate was asked')
    meter?.gateQuestion(known, result)
    return { status, body, headers: { 'cache-control': 'no-store', ...headers } }
  }
}

interface Decision {
  readonly result: GateResult
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

function answerFor(service: string, freezes: readonly Freeze[], now: number, command: string): Decision {
  const [longest] = freezes
  if (longest === undefined) {
    const body = { service, frozen: false, asOf: new Date(now).toISOString() }
    return { result: 'free', status: 200, body }
  }
  const body = {
    service,
    frozen: true,
    ...describeFreeze(longest),
    freezes: freezes.map(describeFreeze),
    asOf: new Date(now).toISOString(),
    message: frozenMessage(longest, command),
  }
  return { result: 'frozen', status: 423, body }
}

function unauthorized(nobody: boolean): Decision {
  const error = nobody
    ? 'No gate tokens are configured, so nobody may ask. Add one under gate.tokens in incbot.yaml.'
    : 'This needs a header “Authorization: Bearer <token>” with a token from gate.tokens in incbot.yaml.'
  const headers = { 'www-authenticate': 'Bearer realm="incbot"' }
  return { result: 'unauthorized', status: 401, body: { error }, headers }
}

function unknownService(name: string, known: readonly string[]): Decision {
  const didYouMean = nearest(name, known)
  const hint = didYouMean === undefined ? '' : ` Did you mean ${didYouMean}?`
  const error = `The service catalogue has no service of this name.${hint}`
  const body = { error, ...(didYouMean !== undefined && { didYouMean }) }
  return { result: 'unknown-service', status: 404, body }
}

function badScope(): Decision {
  const error = 'scope is what is about to be deployed: model or workload. Leave it out to be stopped by any freeze.'
  return { result: 'bad-question', status: 400, body: { error } }
}

function unavailable(): Decision {
  const error = 'incbot cannot read its records just now, so it cannot tell whether deploys are frozen. Ask again.'
  return { result: 'unavailable', status: 503, body: { error }, headers: { 'retry-after': '2' } }
}
