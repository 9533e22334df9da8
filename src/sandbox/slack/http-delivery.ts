import { type IncomingHttpHeaders, request } from 'node:http'
import type { DeliveryFailure } from './types.ts'

const ackDeadlineMs = 3000

export interface HttpAnswer {
  readonly status: number | undefined
  readonly body: string
  readonly ackMs: number
  readonly failure?: DeliveryFailure
  /** The app asked not to be sent this event again. */
  readonly noRetry: boolean
}

/** POSTs once and gives up after 3 s, as Slack does. Redirects count as errors. Never rejects. */
export async function postToBot(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<HttpAnswer> {
  const started = performance.now()
  const signal = AbortSignal.timeout(ackDeadlineMs)
  try {
    const answer = await post(new URL(url), headers, body, signal)
    const isOk = answer.status >= 200 && answer.status < 300
    return {
      status: answer.status,
      body: answer.body,
      ackMs: performance.now() - started,
      noRetry: answer.headers['x-slack-no-retry'] === '1',
      ...(!isOk && { failure: 'http_error' as const }),
    }
  } catch {
    const failure = signal.aborted ? 'timeout' : 'unreachable'
    return { status: undefined, body: '', ackMs: performance.now() - started, failure, noRetry: false }
  }
}

/**
 * One POST over a connection of its own: no idle connection keeps a draining bot alive, and none is stale when the bot
 * restarts on the same port. Rejects with the socket's error or the signal's reason.
 */
export function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal?: AbortSignal,
): Promise<{ readonly status: number; readonly body: string; readonly headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const settings = { method: 'POST', agent: false, headers: { ...length, ...headers }, ...(signal && { signal }) }
    const outgoing = request(url, settings, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('error', reject)
      // A response that came from a server always has a status.
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: res.headers }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
