import type { IncomingMessage, ServerResponse } from 'node:http'
import { type BoltConfig, type LoadedBolt, loadBolt } from './bolt-app.ts'
import type { BotPorts } from './bot-ports.ts'
import { type Allowances, createFairUse } from './fair-use.ts'
import { listen } from './listeners.ts'
import { createRequestGuard } from './request-guard.ts'
import type { SocketConnection } from './socket-connection.ts'

export type { BotPorts } from './bot-ports.ts'

export interface SlackBotConfig extends BoltConfig {
  /** Root command, such as `/inc`. */
  readonly command: string
  /** Team id; where set, nobody of another workspace is listened to. */
  readonly workspace?: string
  /** How often one person may ask within a minute, where it is not the usual. */
  readonly perMinute?: Partial<Allowances>
}

export interface SlackBot {
  /** HTTP mode: takes Slack's requests to /slack/events, unread. Always answers, never throws. Absent in Socket Mode. */
  readonly requestListener?: (req: IncomingMessage, res: ServerResponse) => void
  /** Loads Bolt; in Socket Mode, connects and stays connected. Rejects when Slack refuses the token; while Slack is out of reach it is tried again. */
  start(): Promise<void>
  /** In Socket Mode, disconnects. Requests that are under way end by themselves. */
  stop(): Promise<void>
  /** In Socket Mode: whether Slack can reach incbot now. Absent in HTTP mode, where only Slack knows. */
  readonly isConnected?: () => boolean
  /** Resolves when Slack knows the token and, in Socket Mode, can reach incbot; rejects with the reason. For readiness. */
  readonly probe: (signal: AbortSignal) => Promise<void>
}

/** Commands, mentions and buttons from Slack, over HTTP or Socket Mode; everything they ask for goes through `Commands`. */
export function createSlackBot(
  deps: Omit<BotPorts, 'command' | 'workspace' | 'fairUse'> & { readonly config: SlackBotConfig },
): SlackBot {
  const { config, call, log, now, meter } = deps
  const { command, workspace } = config
  const fairUse = createFairUse({ now, ...(config.perMinute && { perMinute: config.perMinute }) })
  const ports: BotPorts = { ...deps, command, fairUse, ...(workspace !== undefined && { workspace }) }
  let loading: Promise<LoadedBolt> | undefined
  let connection: SocketConnection | undefined

  function bolt(): Promise<LoadedBolt> {
    loading ??= loadBolt(config, log).then((loaded) => {
      listen(loaded.app, ports)
      return loaded
    })
    return loading
  }

  async function start(): Promise<void> {
    connection = (await bolt()).connection
    await connection?.connect()
  }

  async function stop(): Promise<void> {
    await connection?.disconnect()
  }

  async function probe(signal: AbortSignal): Promise<void> {
    await call('auth.test', {}, signal)
    if (config.appToken !== undefined && connection?.isConnected() !== true)
      throw new Error('Socket Mode is not connected')
  }

  if (config.appToken !== undefined) {
    return { start, stop, probe, isConnected: () => connection?.isConnected() ?? false }
  }

  const guard = createRequestGuard({ signingSecret: config.signingSecret ?? '', now, ...(meter && { meter }) })

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const judgement = await guard.judge(req)
    if (judgement !== 'pass') {
      // The rest of a body that is too large is not worth reading.
      res.writeHead(judgement, judgement === 413 ? { connection: 'close' } : {})
      res.end()
      return
    }
    const loaded = await bolt()
    try {
      loaded.handle(req, res)
    } catch {
      res.writeHead(404)
      res.end()
    }
  }

  return {
    requestListener(req, res) {
      handle(req, res).catch((error: unknown) => {
        log.error({ err: error }, 'A request from Slack could not be handled')
        meter?.slackRequest('http', 'failed')
        if (!res.headersSent) res.writeHead(503, { 'retry-after': '5' })
        res.end()
      })
    },
    start,
    stop,
    probe,
  }
}
