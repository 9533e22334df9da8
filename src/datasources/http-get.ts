import { Agent, request } from 'undici'
import { z } from 'zod'
import { SourceError } from './datasource.ts'
import { withoutLinkLocal } from './link-local.ts'

/** A body above this would block the event loop for tens of milliseconds while it is parsed. */
const LIMIT_BYTES = 2_000_000

/** Where a source is. Credentials in it would be sent nowhere and stand in a file that is no secret. */
export const sourceUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
    error: 'expected a URL without user name and password; name the variable that holds a token as tokenEnv',
  })
  .refine((url) => !/[?#]/.test(url), { error: 'expected a URL that ends before ? and #' })

export interface HttpSource {
  /** The name in incbot.yaml, for error texts. */
  readonly name: string
  readonly baseUrl: string
  readonly token: string | undefined
  readonly timeoutMs: number
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON; undefined where the body was not JSON. */
  readonly body: unknown
}

const agent = new Agent({
  keepAliveTimeout: 30_000,
  connections: 16,
  connect: { timeout: 3_000, lookup: withoutLinkLocal() },
})

/** What a connection says that the other side has closed between two requests, just before it heard of the second. */
const CLOSED_EARLY: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/**
 * GETs JSON below the source's base URL, without following redirects: the address was configured, and nobody else may choose it.
 * Throws `SourceError` for everything that is not an answer; a 4xx or 5xx with a JSON body is one.
 */
export async function getJson(source: HttpSource, path: string, signal: AbortSignal): Promise<HttpAnswer> {
  const url = below(source, path)
  const timeout = AbortSignal.timeout(source.timeoutMs)
  const deadline = AbortSignal.any([signal, timeout])
  try {
    const { statusCode: status, headers, body } = await send(source, url, deadline)
    const text = withoutToken(source, await readText(source, body))
    const refused = refusal(source, path, status, headers.location)
    if (refused !== undefined) throw refused
    return { status, body: parse(text) }
  } catch (error) {
    throw error instanceof SourceError ? error : transportError(source, error, timeout, signal)
  }
}

/** Whoever writes a runbook chooses the path, but not to leave what was configured by `..`, in whatever spelling. */
function below({ name, baseUrl }: HttpSource, path: string): string {
  const base = baseUrl.replace(/\/+$/, '')
  const { origin, pathname } = new URL(base)
  const url = new URL(base + path)
  const isBelow = url.origin === origin && (pathname === '/' || url.pathname.startsWith(`${pathname}/`))
  // Some servers take an encoded slash for one; `URL` does not.
  const steps = url.pathname
    .replace(/%2f|%5c/gi, '/')
    .replace(/%2e/gi, '.')
    .split('/')
  if (isBelow && !steps.includes('..')) return url.href
  throw new SourceError('bad-answer', name, `${name} was not asked: ${path} leads out of its \`url\`.`)
}

/** Sends it once more when a connection that was kept open turns out to be closed: a GET may be repeated. */
async function send(source: HttpSource, url: string, deadline: AbortSignal) {
  const options = {
    dispatcher: agent,
    signal: deadline,
    headers: {
      accept: 'application/json',
      ...(source.token !== undefined && { authorization: `Bearer ${source.token}` }),
    },
  }
  try {
    return await request(url, options)
  } catch (error) {
    if (deadline.aborted || !CLOSED_EARLY.has(codeOf(error) ?? '')) throw error
    return request(url, options)
  }
}

async function readText(source: HttpSource, body: AsyncIterable<Buffer> & { destroy(): void }): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > LIMIT_BYTES) {
      body.destroy()
      throw new SourceError(
        'too-large',
        source.name,
        `${source.name} answered more than ${LIMIT_BYTES / 1e6} MB. Ask for less: a narrower selector or a shorter window.`,
      )
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Some servers and proxies repeat in an error what they were sent; what they say is posted. */
function withoutToken({ token }: HttpSource, text: string): string {
  // A short one would be found in what is none.
  return token === undefined || token.length < 8 ? text : text.replaceAll(token, '[secret]')
}

function refusal(
  { name }: HttpSource,
  path: string,
  status: number,
  location: string | string[] | undefined,
): SourceError | undefined {
  const asked = `GET ${path.split('?')[0] ?? path}`
  if (status === 401)
    return new SourceError('unauthorized', name, `${name} refused the credentials (401). Check its token.`)
  if (status === 403)
    return new SourceError('forbidden', name, `${name} answered 403 to ${asked}.`, {
      missingPermission: `${asked} on ${name}`,
    })
  if (status >= 300 && status < 400 && location !== undefined)
    return new SourceError(
      'bad-answer',
      name,
      `${name} answered ${asked} with a redirect (${status}), which is not followed. Often that is a login page: check its \`url\` and token.`,
    )
  return undefined
}

function transportError(source: HttpSource, error: unknown, timeout: AbortSignal, signal: AbortSignal): SourceError {
  const { name } = source
  if (timeout.aborted)
    return new SourceError('timeout', name, `${name} did not answer within ${source.timeoutMs / 1000} s.`, {
      cause: error,
    })
  if (signal.aborted)
    return new SourceError('timeout', name, `${name} had not answered when it was no longer waited for.`, {
      cause: error,
    })
  return new SourceError(
    'unreachable',
    name,
    `${name} could not be reached at ${new URL(source.baseUrl).host} (${codeOf(error) ?? 'connection failed'}).`,
    { cause: error },
  )
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
