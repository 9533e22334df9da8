import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App } from '@slack/bolt'
import type { Logger } from '../pipeline/ports.ts'
import { createSocketConnection } from './socket-connection.ts'

/** Where Slack delivers commands, clicks and events in HTTP mode. */
const SLACK_PATH = '/slack/events'

export interface BoltConfig {
  readonly signingSecret?: string
  readonly botToken: string
  /** Selects Socket Mode. */
  readonly appToken?: string
  /** Base URL of the Web API, with a slash at the end. */
  readonly apiUrl: string
}

const CALL_MS = 5_000

/** Bolt is loaded here and nowhere else, once it is needed: it takes a quarter of a second. */
export async function loadBolt(config: BoltConfig, log: Logger) {
  const { default: bolt } = await import('@slack/bolt')
  const logger = boltLogger(log)
  const clientOptions = {
    slackApiUrl: config.apiUrl,
    // Answers to response_url and requests for a web socket go through this; Bolt itself gives them no deadline.
    fetch: (url: string | URL | Request, init?: RequestInit) =>
      fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS) }),
  }
  const socket =
    config.appToken === undefined
      ? undefined
      : new bolt.SocketModeReceiver({
          appToken: config.appToken,
          logger,
          autoReconnectEnabled: false,
          installerOptions: {
            clientOptions: { ...clientOptions, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
          },
        })
  const http =
    socket !== undefined
      ? undefined
      : new bolt.HTTPReceiver({
          signingSecret: config.signingSecret ?? '',
          endpoints: [SLACK_PATH],
          logger,
          unhandledRequestHandler: ({ response }) => endQuietly(response),
        })
  const receiver = socket ?? http
  const app = new bolt.App({
    ...(receiver !== undefined && { receiver }),
    // Bolt would ask Slack who the token belongs to, and refuse everything for ever if that failed once.
    authorize: async () => ({ botToken: config.botToken }),
    ignoreSelf: false,
    convoStore: false,
    logger,
    clientOptions,
  })
  acknowledgeTheRest(app, log)
  app.error(async (error) => log.error({ err: error }, 'A delivery from Slack failed'))
  return {
    app,
    /** In Socket Mode. */
    connection: socket && createSocketConnection(socket.client, log),
    /** For HTTP mode. Throws for paths that are not Bolt's. */
    handle: (req: IncomingMessage, res: ServerResponse): void => http?.requestListener(req, res),
  }
}

export type LoadedBolt = Awaited<ReturnType<typeof loadBolt>>

/**
 * What no listener has acknowledged by its end, or what Bolt cannot read, is nothing that incbot knows: Slack need not wait three seconds to
 * hear so. Never rejects, since nobody holds the promise that Bolt makes of it.
 */
function acknowledgeTheRest(app: { processEvent: App['processEvent'] }, log: Logger): void {
  const processEvent = app.processEvent.bind(app)
  app.processEvent = async (event) => {
    let acknowledged = false
    const ack: typeof event.ack = async (response) => {
      acknowledged = true
      await event.ack(response)
    }
    try {
      await processEvent({ ...event, ack })
      if (!acknowledged) await event.ack()
    } catch (error) {
      log.warn({ err: error }, 'A delivery from Slack could not be read or acknowledged')
      if (!acknowledged) await event.ack().catch(() => undefined)
    }
  }
}

/** Something that incbot has no use for: an error would make Slack repeat it, or show a failure to somebody who did nothing wrong. */
function endQuietly(response: ServerResponse): void {
  if (response.headersSent) return
  response.writeHead(200)
  response.end()
}

/** Bolt's own words, a level below ours: what matters is logged where it is decided. */
function boltLogger(log: Logger) {
  const say =
    (level: 'debug' | 'warn') =>
    (...words: unknown[]): void =>
      log[level]({ bolt: words.map(String).join(' ').slice(0, 1_000) }, 'Bolt')
  return {
    debug: (): void => undefined,
    info: say('debug'),
    warn: say('debug'),
    error: say('warn'),
    setLevel: (): void => undefined,
    setName: (): void => undefined,
    getLevel: () => 'info' as never, // its enum, whose values are these strings
  }
}
