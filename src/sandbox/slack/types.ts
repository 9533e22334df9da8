import type { SlackLimits } from './limits.ts'

export interface SlackUser {
  readonly id: string
  readonly name: string
  readonly realName: string
  readonly email: string
  readonly isBot?: boolean
  /** Of this workspace, limited to some channels. */
  readonly isGuest?: boolean
  /** The account is closed: Slack still tells who it was, and lets it do nothing. */
  readonly deactivated?: boolean
  /** Whether the person has shown that the address is theirs. Default true. */
  readonly emailConfirmed?: boolean
  /** Workspace that the person belongs to, for members of shared channels. Default: this one. */
  readonly team?: string
}

export interface SlackUserGroup {
  readonly id: string
  readonly handle: string
  readonly users: readonly string[]
}

interface SlackChannelOptions {
  readonly id: string
  readonly name: string
  readonly private?: boolean
  readonly members: readonly string[]
  readonly botIsMember: boolean
}

export interface SlackStandInOptions {
  readonly signingSecret: string
  readonly botToken: string
  readonly appToken: string
  /** Scopes of the bot token; a call without its scope answers `missing_scope` with what is needed and what was provided. */
  readonly scopes: readonly string[]
  readonly users: readonly SlackUser[]
  readonly userGroups: readonly SlackUserGroup[]
  readonly channels: readonly SlackChannelOptions[]
  /** Where interactions, commands and events are POSTed (the bot's /slack/events). May be set later. */
  readonly requestUrl?: string
  readonly limits?: Partial<SlackLimits>
  /** Milliseconds since 1970: timestamps, signatures, rate limits and lifetimes follow it. Acks are measured in real time. */
  readonly now?: () => number
  /** Waits before the second, third and fourth attempt of an event. Slack's: at once, 1 minute, 5 minutes. */
  readonly eventRetryDelaysMs?: readonly number[]
  /** How long a file is "processing" (`files.info` shows no mimetype, blocks cannot use it yet). Default 100. */
  readonly fileProcessingMs?: number
}

export interface SlackMetadata {
  readonly event_type: string
  readonly event_payload: Readonly<Record<string, unknown>>
}

export interface SlackMessage {
  readonly ts: string
  readonly user: string
  readonly text: string
  readonly blocks?: readonly unknown[]
  readonly metadata?: SlackMetadata
  readonly threadTs?: string
  /** A reply that the channel shows too. */
  readonly broadcast?: true
  /** How often it was edited. */
  readonly edited: number
  /** Ids of the files shared with it. */
  readonly files: readonly string[]
  readonly deleted?: true
  /** Everything in text and blocks that notifies somebody: `<!channel>`, `<@U…>`, `<!subteam^…>`. */
  readonly mentions: readonly string[]
  /** Targets of every `<https://…|…>` link in text and blocks. */
  readonly links: readonly string[]
}

export interface SlackEphemeral {
  readonly ts: string
  readonly channel: string
  readonly user: string
  readonly text: string
  readonly blocks?: readonly unknown[]
  readonly threadTs?: string
  readonly at: number
}

export interface SlackFile {
  readonly id: string
  readonly name: string
  readonly title?: string
  /** What a screen reader says. */
  readonly altText?: string
  readonly bytes: Buffer
  readonly channel?: string
  readonly threadTs?: string
  readonly permalink: string
}

export interface SlackCall {
  readonly method: string
  readonly at: number
  readonly ok: boolean
  readonly error?: string
  /** As received, without the token. */
  readonly args: Readonly<Record<string, unknown>>
}

export type SlackStandInEvent =
  | {
      readonly type: 'message' | 'update' | 'delete'
      readonly channel: string
      readonly message: SlackMessage
      readonly at: number
    }
  | { readonly type: 'ephemeral'; readonly channel: string; readonly ephemeral: SlackEphemeral; readonly at: number }
  | { readonly type: 'file'; readonly file: SlackFile; readonly at: number }
  | {
      readonly type: 'rate_limited'
      readonly method: string
      readonly channel?: string
      readonly retryAfterSeconds: number
      readonly at: number
    }

export type DeliveryKind = 'command' | 'interaction' | 'event'

/** Why a delivery counts as failed for Slack; what the person in front of Slack then sees. */
export type DeliveryFailure =
  | 'timeout' // no acknowledgement within 3 s
  | 'unreachable' // connection refused, reset, or an answer that is not HTTP
  | 'http_error' // answered, but not with 2xx
  | 'no_endpoint' // neither a request URL nor a Socket Mode connection
  | 'invalid_response' // acknowledged with a message that Slack would refuse

/** One delivery to the bot and its answer. In Socket Mode an ack counts as status 200 and `body` is its payload as JSON. */
export interface Delivery {
  readonly kind: DeliveryKind
  readonly transport: 'http' | 'socket' | 'none'
  /** Undefined when no answer came in time. */
  readonly status: number | undefined
  readonly body: string
  readonly ackMs: number
  readonly failure?: DeliveryFailure
  /** Attempt number, from 0, as in X-Slack-Retry-Num. */
  readonly retry: number
  /** Exactly what was sent over HTTP, for replays; in Socket Mode the headers are empty and the body is the envelope. */
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: string }
  readonly triggerId?: string
  readonly responseUrl?: string
}

export interface SlackViewRecord {
  readonly id: string
  readonly hash: string
  readonly user: string
  readonly view: Readonly<Record<string, unknown>>
  /** Errors per block that the bot answered to the last submission. */
  readonly errors?: Readonly<Record<string, string>>
}

/** What a call is to suffer. `accept_then_timeout`: the effect happens, the caller never gets an answer. */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly retryAfter?: number }
  | 'accept_then_timeout'
  | 'timeout'
  | 'reset'
