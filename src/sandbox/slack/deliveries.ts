import { postToBot } from './http-delivery.ts'
import { formEncode, signedHeaders } from './signing.ts'
import { type Envelope, newEnvelopeId, type SocketMode } from './socket-mode.ts'
import type { SlackState } from './state.ts'
import type { Delivery, DeliveryKind } from './types.ts'

/** Something to tell the bot, before a transport is chosen. */
export type Outgoing =
  | { readonly kind: 'command'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'interaction'; readonly payload: unknown }
  | { readonly kind: 'event'; readonly payload: unknown }

type Attempt = Delivery & { readonly noRetry: boolean }

const envelopeTypes = { command: 'slash_commands', interaction: 'interactive', event: 'events_api' } as const
/** Slack's second, third and fourth attempt: nearly at once, after 1 minute, after 5. */
const slackRetryDelaysMs: readonly number[] = [0, 60_000, 300_000]

/** Carries commands, interactions and events to the bot: signed HTTP, or envelopes when there is no request URL. */
export class Deliveries {
  readonly #state: SlackState
  readonly #sockets: SocketMode
  readonly #timers = new Set<NodeJS.Timeout>()
  #stopped = false
  readonly log: Delivery[] = []
  requestUrl: string | undefined

  constructor(state: SlackState, sockets: SocketMode) {
    this.#state = state
    this.#sockets = sockets
    this.requestUrl = state.options.requestUrl
  }

  /** Delivers; events that fail are retried in the background, each attempt in `log`. Resolves with the first attempt. */
  async deliver(outgoing: Outgoing): Promise<Delivery> {
    return this.#attempt(outgoing, 0, undefined)
  }

  /** The same bytes again, signature and timestamp included. */
  async replay(delivery: Delivery): Promise<Delivery> {
    const { kind, request, retry } = delivery
    const again =
      delivery.transport === 'socket'
        ? // A replayed socket delivery carries the envelope that this class wrote.
          await this.#sendEnvelope(kind, JSON.parse(request.body) as Envelope, retry)
        : await this.#sendHttp(kind, request.headers, request.body, retry)
    return this.#record(again)
  }

  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  async #attempt(outgoing: Outgoing, retry: number, reason: string | undefined): Promise<Delivery> {
    const attempt =
      this.requestUrl === undefined
        ? await this.#overSocket(outgoing, retry, reason)
        : await this.#overHttp(outgoing, retry, reason)
    const delivery = this.#record(attempt)
    if (outgoing.kind === 'event' && attempt.failure !== undefined && !attempt.noRetry)
      this.#retryLater(outgoing, retry, retryReasons[attempt.failure])
    return delivery
  }

  #retryLater(outgoing: Outgoing, retry: number, reason: string): void {
    const delayMs = (this.#state.options.eventRetryDelaysMs ?? slackRetryDelaysMs)[retry]
    if (delayMs === undefined || this.#stopped) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#attempt(outgoing, retry + 1, reason)
    }, delayMs)
    timer.unref()
    this.#timers.add(timer)
  }

  #overHttp(outgoing: Outgoing, retry: number, reason: string | undefined): Promise<Attempt> {
    const isEvent = outgoing.kind === 'event'
    const body = isEvent ? JSON.stringify(outgoing.payload) : formEncode(formFields(outgoing))
    const contentType = isEvent ? 'application/json' : 'application/x-www-form-urlencoded'
    const headers = signedHeaders(this.#state.options.signingSecret, this.#state.workspace.now(), contentType, body)
    if (retry > 0) {
      headers['x-slack-retry-num'] = String(retry)
      headers['x-slack-retry-reason'] = reason ?? 'unknown_error'
    }
    return this.#sendHttp(outgoing.kind, headers, body, retry)
  }

  async #sendHttp(
    kind: DeliveryKind,
    headers: Readonly<Record<string, string>>,
    body: string,
    retry: number,
  ): Promise<Attempt> {
    const sent = { kind, retry, request: { headers, body } }
    if (this.requestUrl === undefined) return { ...sent, ...nowhere }
    return { ...sent, transport: 'http', ...(await postToBot(this.requestUrl, headers, body)) }
  }

  #overSocket(outgoing: Outgoing, retry: number, reason: string | undefined): Promise<Attempt> {
    const { kind } = outgoing
    const payload = kind === 'command' ? outgoing.fields : outgoing.payload
    const envelope: Envelope = {
      envelope_id: newEnvelopeId(),
      type: envelopeTypes[kind],
      payload,
      accepts_response_payload: kind !== 'event',
      ...(kind === 'event' && { retry_attempt: retry, retry_reason: reason ?? '' }),
    }
    return this.#sendEnvelope(kind, envelope, retry)
  }

  async #sendEnvelope(kind: DeliveryKind, envelope: Envelope, retry: number): Promise<Attempt> {
    const sent = { kind, retry, request: { headers: {}, body: JSON.stringify(envelope) } }
    if (this.#sockets.connections === 0) return { ...sent, ...nowhere }
    const started = performance.now()
    const answer = await this.#sockets.send(envelope)
    const timed = { ...sent, transport: 'socket' as const, ackMs: performance.now() - started, noRetry: false }
    return 'failure' in answer
      ? { ...timed, status: undefined, body: '', failure: answer.failure }
      : { ...timed, status: 200, body: answer.body }
  }

  #record(attempt: Attempt): Delivery {
    const { noRetry: _, ...delivery } = attempt
    this.log.push(delivery)
    return delivery
  }
}

/** Values of X-Slack-Retry-Reason. */
const retryReasons = {
  timeout: 'http_timeout',
  unreachable: 'connection_failed',
  no_endpoint: 'connection_failed',
  http_error: 'http_error',
  invalid_response: 'unknown_error',
} as const

const nowhere = {
  transport: 'none',
  status: undefined,
  body: '',
  ackMs: 0,
  failure: 'no_endpoint',
  noRetry: false,
} as const

function formFields(outgoing: Exclude<Outgoing, { kind: 'event' }>): Readonly<Record<string, string>> {
  return outgoing.kind === 'command' ? outgoing.fields : { payload: JSON.stringify(outgoing.payload) }
}
