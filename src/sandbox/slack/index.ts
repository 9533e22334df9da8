import { listen } from '../http.ts'
import { Deliveries } from './deliveries.ts'
import { Faults } from './faults.ts'
import { post } from './http-delivery.ts'
import { RateLimiter, slackLimits } from './limits.ts'
import { snapshot } from './messages.ts'
import { type ClickInput, type CommandInput, clickElement, mentionBot, removeMessage, typeCommand } from './people.ts'
import { handle, type SlackServer } from './server.ts'
import { SocketMode } from './socket-mode.ts'
import { createState } from './state.ts'
import type {
  Delivery,
  Fault,
  SlackCall,
  SlackEphemeral,
  SlackFile,
  SlackMessage,
  SlackStandInEvent,
  SlackStandInOptions,
  SlackViewRecord,
} from './types.ts'
import type { ViewValues } from './view-inputs.ts'
import { submitView } from './view-submission.ts'
import { identity } from './workspace.ts'

export { signature } from './signing.ts'
export type * from './types.ts'

/** A Slack that is stricter than Slack. */
export interface SlackStandIn {
  /** For clients as `slackApiUrl`; ends with `/api/`. */
  readonly url: string
  /** Where the bot takes deliveries. Undefined selects Socket Mode. */
  requestUrl: string | undefined
  readonly bot: typeof identity
  /** Top-level messages of a channel, and replies that it shows too, oldest first; deleted ones are marked. */
  messages(channelId: string): readonly SlackMessage[]
  /** A message and its replies, oldest first. */
  thread(channelId: string, ts: string): readonly SlackMessage[]
  readonly ephemerals: readonly SlackEphemeral[]
  readonly files: readonly SlackFile[]
  readonly views: readonly SlackViewRecord[]
  readonly calls: readonly SlackCall[]
  /** Every attempt to reach the bot, retries included. */
  readonly deliveries: readonly Delivery[]
  /** Open Socket Mode connections. */
  readonly connections: number
  on(listener: (event: SlackStandInEvent) => void): void
  command(input: CommandInput): Promise<Delivery>
  /** Throws when the element is not on the message as it is now. */
  click(input: ClickInput): Promise<Delivery>
  mention(input: {
    readonly user: string
    readonly channel: string
    readonly text: string
    readonly threadTs?: string
  }): Promise<Delivery>
  submitView(input: { readonly user: string; readonly viewId: string; readonly values: ViewValues }): Promise<Delivery>
  /** A person deletes a message. */
  remove(channelId: string, ts: string): void
  replay(delivery: Delivery): Promise<Delivery>
  /** An unsigned (or forged) POST to the bot; `path` is relative to the request URL's origin. */
  raw(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: string }>
  /** Orders a fault for the next calls of a method (`upload` and `response_url` for those addresses). */
  failNext(method: string, fault: Fault, times?: number): void
  /** Asks all Socket Mode clients to reconnect. */
  refreshConnections(): void
  stop(): Promise<void>
}

/** Starts the stand-in on a free loopback port. */
export async function startSlackStandIn(options: SlackStandInOptions): Promise<SlackStandIn> {
  const state = createState(options)
  const { workspace } = state
  const sockets = new SocketMode()
  const deliveries = new Deliveries(state, sockets)
  const limiter = new RateLimiter({ ...slackLimits, ...options.limits }, workspace.now)
  const server: SlackServer = { state, limiter, faults: new Faults(), calls: [] }
  const listening = await listen((req, res) => handle(server, req, res))
  sockets.attach(listening.server)
  state.baseUrl = listening.url
  state.responseUrls.baseUrl = listening.url
  state.openConnection = () => sockets.openConnection(listening.url)
  const inChannel = (id: string) => workspace.channels.get(id)?.messages ?? []

  return {
    url: `${listening.url}/api/`,
    bot: identity,
    get requestUrl() {
      return deliveries.requestUrl
    },
    set requestUrl(url) {
      deliveries.requestUrl = url
    },
    messages: (id) =>
      inChannel(id).flatMap((message) =>
        message.threadTs === undefined || message.broadcast ? [snapshot(message)] : [],
      ),
    thread: (id, ts) =>
      inChannel(id)
        .filter((message) => message.ts === ts || message.threadTs === ts)
        .map(snapshot),
    ephemerals: state.ephemerals,
    get files() {
      return state.files.completed()
    },
    get views() {
      return state.views.openViews()
    },
    calls: server.calls,
    deliveries: deliveries.log,
    get connections() {
      return sockets.connections
    },
    on: (listener) => workspace.on(listener),
    command: (input) => typeCommand(state, deliveries, input),
    click: (input) => clickElement(state, deliveries, input),
    mention: (input) => mentionBot(state, deliveries, input),
    submitView: (input) => submitView(state, deliveries, input),
    remove: (channelId, ts) => removeMessage(state, channelId, ts),
    replay: (delivery) => deliveries.replay(delivery),
    raw: async (path, body, headers) => {
      const answer = await post(new URL(path, deliveries.requestUrl), headers, body)
      return { status: answer.status, body: answer.body }
    },
    failNext: (method, fault, times = 1) => server.faults.order(method, fault, times),
    refreshConnections: () => sockets.refresh(),
    stop: async () => {
      deliveries.stop()
      await sockets.stop()
      await listening.stop()
    },
  }
}
