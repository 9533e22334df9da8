import { holds } from '../domain/freeze.ts'
import { within } from '../ops/deadline.ts'
import type { Catalogue, Logger } from '../pipeline/ports.ts'
import type { AskedMemory } from './asked-memory.ts'
import { bearerCheck, type GateToken } from './bearer.ts'
import type { BlockedDeploys } from './blocked-deploys.ts'
import { freezesAgainst } from './covers.ts'
import type { FreezeMemory } from './freeze-memory.ts'
import type { GateAnswer, GateResult, Known } from './gate-answers.ts'
import {
  answerFor,
  badQuestion,
  conditional,
  refusing,
  unauthorized,
  unavailable,
  unknownService,
} from './gate-answers.ts'
import { type Deploy, type Query, readDeploy } from './question.ts'

/** Counts questions; `service` is a name from the catalogue, or `other`. */
export interface GateMeter {
  gateQuestion(service: string, result: GateResult): void
}

interface GateQuestion {
  readonly service: string
  /** `scope`, `deploy` and `label`: what is about to be deployed. */
  readonly query: Query
  /** The headers. */
  readonly authorization?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

/** Answers one question. Never rejects. */
export type FreezeGate = (question: GateQuestion) => Promise<Omit<GateAnswer, 'result'>>

export interface FreezeGateOptions {
  /** None: every question is refused with 401. */
  readonly tokens: readonly GateToken[]
  readonly catalogue: () => Catalogue
  readonly freezes: FreezeMemory
  /** How old what is remembered may be when it is told in place of what the store does not say. */
  readonly staleForMs: number
  readonly asked: Pick<AskedMemory, 'note'>
  readonly blocked: BlockedDeploys['note']
  readonly log: Logger
  readonly meter?: GateMeter
  readonly now: () => number
  /** The root command in Slack, for the sentence that says how to lift a freeze. */
  readonly command?: string
  /** For the store, before memory answers in its place. */
  readonly answerWithinMs?: number
}

/**
 * `GET /v1/freezes/:service`: may a deploy go ahead? 200 free or exempt, 304 still so, 423 frozen, 401, 404 unknown service, 400 wrong question.
 * Where incbot cannot tell it says 503, and the pipeline decides what that means (`incbot gate --on-unknown`).
 */
export function freezeGate(options: FreezeGateOptions): FreezeGate {
  const { tokens, catalogue, freezes, staleForMs, log, meter, now, command = '/inc', answerWithinMs = 1_000 } = options
  const holderOf = bearerCheck(tokens)

  /** What holds now, or held when the store answered last; undefined where that is too long ago. */
  async function known(service: string, { scope }: Deploy): Promise<Known | undefined> {
    const at = now()
    const against = (all: Parameters<typeof freezesAgainst>[0]) =>
      freezesAgainst(
        all.filter((one) => one.service === service && holds(one, at)),
        scope,
      )
    try {
      const all = await within(answerWithinMs, () => freezes.activeFreezes(at))
      return { freezes: against(all), asOf: at, stale: false }
    } catch (error) {
      const last = freezes.remembered()
      // A clock that was set back makes nothing younger.
      const usable = last !== undefined && Math.abs(at - last.at) <= staleForMs
      if (!usable) {
        log.error({ err: error, service }, 'Deploy gate cannot tell: the store did not answer')
        return undefined
      }
      log.warn({ err: error, service }, 'Deploy gate answers from memory: the store did not answer')
      return { freezes: against(last.freezes), asOf: last.at, stale: true }
    }
  }

  async function decide(question: GateQuestion, holder: string | undefined): Promise<GateAnswer> {
    if (holder === undefined) return unauthorized(tokens.length === 0)
    const { services, byName } = catalogue()
    const service = byName(question.service)?.name
    if (service === undefined) {
      return unknownService(
        question.service,
        services.map(({ name }) => name),
      )
    }
    const reading = readDeploy(question.query)
    if ('problem' in reading) return badQuestion(reading.problem)
    const { deploy } = reading
    const facts = await known(service, deploy)
    setImmediate(() => remember(service, holder, deploy, facts))
    if (facts === undefined) return unavailable()
    return conditional(answerFor(service, deploy, facts, command), question.ifNoneMatch)
  }

  /** After the answer, which must wait for nothing and fail with nothing. */
  function remember(service: string, holder: string, deploy: Deploy, facts: Known | undefined): void {
    try {
      options.asked.note(holder, service)
      const refused = refusing(facts?.freezes ?? [], deploy)
      if (refused.length === 0) return
      options.blocked(refused, { at: now(), holder, ...(deploy.name !== undefined && { deploy: deploy.name }) })
    } catch (error) {
      log.error({ err: error, service }, 'Deploy gate could not remember a question: a bug')
    }
  }

  return async (question) => {
    const holder = holderOf(question.authorization)
    const { result, ...answer } = await decide(question, holder)
    const name = catalogue().byName(question.service)?.name ?? 'other'
    const service = name === 'other' ? question.service.slice(0, 100) : name
    const { scope, deploy } = question.query
    const asked = { scope: scope?.[0]?.slice(0, 20), deploy: deploy?.[0]?.slice(0, 200) }
    log.info({ holder, service, ...asked, result }, 'Deploy gate was asked')
    meter?.gateQuestion(name, result)
    return answer
  }
}
