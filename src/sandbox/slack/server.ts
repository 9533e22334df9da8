import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../http.ts'
import type { Faults } from './faults.ts'
import type { RateLimiter } from './limits.ts'
import { MethodRefusal } from './refusal.ts'
import { type Reply, replyOrSuffer, textReply } from './replies.ts'
import { type ReceivedArguments, receiveArguments } from './request-arguments.ts'
import { useResponseUrl } from './responses.ts'
import type { SlackState } from './state.ts'
import type { SlackCall } from './types.ts'
import { receiveUpload } from './uploads.ts'
import { callMethod, refusalReply } from './web-api.ts'

const responseMaxBytes = 2_000_000

export interface SlackServer {
  readonly state: SlackState
  readonly limiter: RateLimiter
  readonly faults: Faults
  /** Faults and the log know uploads as `upload` and response URLs as `response_url`. */
  readonly calls: SlackCall[]
}

/** Routes: `/api/<method>`, `/upload/v1/<token>`, `/commands/…` and `/actions/…` (response URLs). */
export async function handle(server: SlackServer, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? '/').split('?')[0] ?? '/'
  const [, area = '', rest = ''] = /^\/([a-z]+)\/(?:v1\/)?([^/]+)$/.exec(path) ?? []
  if (area === 'api') await handleMethod(server, rest, req, res)
  else if (area === 'upload')
    await logged(server, res, 'upload', { token: rest }, () => receiveUpload(req, server.state, rest))
  else if (area === 'commands' || area === 'actions') await handleResponseUrl(server, path, req, res)
  else {
    res.writeHead(404, { 'content-type': 'text/plain' })
    res.end('This is the Slack stand-in; it knows no such address.')
  }
}

async function handleMethod(
  server: SlackServer,
  name: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const received = await receiveArguments(req).catch((error: unknown) => {
    if (error instanceof MethodRefusal) return error
    throw error
  })
  const args = received instanceof MethodRefusal ? {} : received.args
  await logged(server, res, name, args, () => answer(server, name, received))
}

function answer({ state, limiter }: SlackServer, name: string, received: ReceivedArguments | MethodRefusal): Reply {
  return received instanceof MethodRefusal ? refusalReply(received) : callMethod(state, limiter, name, received)
}

async function handleResponseUrl(
  server: SlackServer,
  path: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const body = (await readBody(req, responseMaxBytes)).toString()
  const isJson = (req.headers['content-type'] ?? '').startsWith('application/json')
  await logged(server, res, 'response_url', { path, body }, () =>
    isJson ? useResponseUrl(server.state, path, body) : textReply(400, 'invalid_payload'),
  )
}

async function logged(
  { faults, calls, state }: SlackServer,
  res: ServerResponse,
  method: string,
  args: Readonly<Record<string, unknown>>,
  run: () => Promise<Reply> | Reply,
): Promise<void> {
  const at = state.workspace.now()
  calls.push({ method, at, args, ...(await replyOrSuffer(res, faults, method, run)) })
}
