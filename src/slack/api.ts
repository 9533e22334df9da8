import { toSlackError } from './errors.ts'

/** An answer of the Web API with `ok: true`. */
export type SlackAnswer = Readonly<Record<string, unknown>>

/** Every Web API method that incbot calls; the manifest asks for their scopes and no others. */
export const SLACK_METHODS = [
  'chat.postMessage',
  'chat.update',
  'chat.postEphemeral',
  'conversations.history',
  'conversations.replies',
  'files.getUploadURLExternal',
  'files.completeUploadExternal',
  'usergroups.users.list',
  'users.info',
  'views.open',
  'auth.test',
] as const

export type SlackMethod = (typeof SLACK_METHODS)[number]

/** Calls the Web API once. Rejects with `SlackError`. Posting is not idempotent, everything else that incbot calls is. */
export type SlackCall = (method: SlackMethod, args: SlackAnswer, signal: AbortSignal) => Promise<SlackAnswer>

/** Without a signal of the caller's, no call to Slack takes longer. */
const LONGEST_MS = 30_000

/**
 * Calls through @slack/web-api, without its retries (it would post twice after a time-out). A client for each call: clients are cheap
 * (75 µs), cannot be cancelled otherwise, and one that is shared pauses everything, modals included, after a single 429.
 */
export function createSlackCall(options: { readonly botToken: string; readonly apiUrl: string }): SlackCall {
  return async (method, args, signal) => {
    const { WebClient } = await import('@slack/web-api')
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
    const client = new WebClient(options.botToken, {
      slackApiUrl: options.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logger: silent,
      fetch: (url, init) => request(method, url, { ...init, signal: bounded }),
    })
    try {
      // The client adds nothing to an object that it could change.
      return { ...(await client.apiCall(method, { ...args })) }
    } catch (error) {
      throw toSlackError(error, method)
    }
  }
}

/** The client loses the cause of a broken connection, and the kind of a 429 without Retry-After: both are told apart before it sees them. */
async function request(method: SlackMethod, url: string | URL | Request, init: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(url, init)
  } catch (error) {
    throw toSlackError(error, method)
  }
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (answer.status !== 429 || Number.isFinite(seconds)) return answer
  throw toSlackError({ statusCode: 429 }, method)
}

/** Sends a file's bytes to the address that Slack gave for them. May run twice; Slack keeps the first. */
export async function uploadBytes(url: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' }
  let status: number
  try {
    // Copied because fetch wants bytes that nobody shares.
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(bytes), signal, redirect: 'error' })
    await answer.arrayBuffer()
    status = answer.status
  } catch (error) {
    throw toSlackError(error, 'upload')
  }
  if (status !== 200) throw toSlackError({ statusCode: status }, 'upload')
}

const nothing = (): void => undefined
const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => 'error' as never, // its enum, whose values are these strings
}
