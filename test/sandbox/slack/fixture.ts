import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebClient } from '@slack/web-api'
import { type SlackStandIn, type SlackStandInOptions, startSlackStandIn } from '../../../src/sandbox/slack/index.ts'

export const botToken = 'xoxb-sandbox'
export const appToken = 'xapp-sandbox'
export const signingSecret = 'sandbox-signing-secret'

export const allScopes = [
  'chat:write',
  'chat:write.public',
  'commands',
  'app_mentions:read',
  'channels:manage',
  'channels:read',
  'channels:join',
  'channels:history',
  'groups:read',
  'groups:write',
  'groups:history',
  'users:read',
  'users:read.email',
  'files:write',
  'files:read',
  'pins:write',
  'bookmarks:write',
  'reactions:write',
  'usergroups:read',
]

export const ada = { id: 'U0ADA', name: 'ada', realName: 'Ada Byron', email: 'ada@example.com' }
export const grace = { id: 'U0GRACE', name: 'grace', realName: 'Grace Hopper', email: 'grace@example.com' }

/** A workspace: #inference (bot in), #lobby (public, bot not in), private #war-room (bot in) and #secret (bot not in). */
export function options(overrides: Partial<SlackStandInOptions> = {}): SlackStandInOptions {
  return {
    signingSecret,
    botToken,
    appToken,
    scopes: allScopes,
    users: [ada, grace],
    userGroups: [{ id: 'S0ONCALL', handle: 'oncall', users: [ada.id] }],
    channels: [
      { id: 'C0INFER', name: 'inference', members: [ada.id, grace.id], botIsMember: true },
      { id: 'C0LOBBY', name: 'lobby', members: [ada.id], botIsMember: false },
      { id: 'C0WAR', name: 'war-room', private: true, members: [ada.id], botIsMember: true },
      { id: 'C0SECRET', name: 'secret', private: true, members: [grace.id], botIsMember: false },
    ],
    limits: { postMessageBurst: 1000 },
    ...overrides,
  }
}

export async function withSlack(
  overrides: Partial<SlackStandInOptions>,
  run: (slack: SlackStandIn, client: WebClient) => Promise<void>,
): Promise<void> {
  const slack = await startSlackStandIn(options(overrides))
  try {
    await run(slack, client(slack))
  } finally {
    await slack.stop()
  }
}

/** The real client, without retries and with its log off. */
export function client(slack: SlackStandIn, token = botToken, timeout = 0): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout,
    logger: silent,
  })
}

/** The error code of a refused call, or `ok`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    const { data, code } = error as { data?: { error?: string }; code?: string }
    return data?.error ?? code ?? String(error)
  }
}

export async function messagesOf(call: Promise<unknown>): Promise<readonly string[]> {
  try {
    await call
    return []
  } catch (error) {
    const { data } = error as { data?: { response_metadata?: { messages?: string[] } } }
    return data?.response_metadata?.messages ?? []
  }
}

export const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  // The library's LogLevel.ERROR; its enum is not worth an import here.
  getLevel: () => 'error' as never,
  setName: () => undefined,
}

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A bot that records what it is sent and answers as told. */
export async function aBot(
  answer: (request: ReceivedRequest, count: number) => { status: number; body?: string; delayMs?: number },
): Promise<{ url: string; received: ReceivedRequest[]; stop(): Promise<void> }> {
  const received: ReceivedRequest[] = []
  const late = new Set<NodeJS.Timeout>()
  const server: Server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const request = { headers: req.headers, body: Buffer.concat(chunks).toString() }
      received.push(request)
      const { status, body = '', delayMs = 0 } = answer(request, received.length)
      late.add(setTimeout(() => res.writeHead(status, { 'content-type': 'application/json' }).end(body), delayMs))
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/slack/events`,
    received,
    stop: () =>
      new Promise((resolve) => {
        for (const timer of late) clearTimeout(timer)
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
