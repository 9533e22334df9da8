import { Agent, request } from 'undici'
import { SourceError } from './datasource.ts'

/** A body above this would block the event loop for tens of milliseconds while it is parsed. */
const LIMIT_BYTES = 2_000_000

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

const agent = new Agent({ keepAliveTimeout: 30_000, connections: 16, connectTimeout: 3_000 })

/**
 * GETs JSON below the source's base URL, without following redirects: the address was configured, and nobody else may choose it.
 * Throws `SourceError` for everything that is not an answer; a 4xx or 5xx with a JSON body is one.
 */
export async function getJson(source: HttpSource, path: string, signal: AbortSignal): Promise<HttpAnswer> {
  const url = source.baseUrl.replace(/\/+$/, '') + path
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(source.timeoutMs)])
  let status: number
  let text: string
  try {
    const response = await request(url, {
      dispatcher: agent,
      signal: deadline,
      headers: {
        accept: 'application/json',
        ...(source.token !== undefined && { authorization: `Bearer ${source.token}` }),
      },
    })
    status = response.statusCode
    text = await readText(source, response.body)
  } catch (error) {
    throw error instanceof SourceError ? error : transportError(source, error, deadline)
  }
  if (status === 401)
    throw new SourceError('unauthorized', source.name, `${source.name} refused the credentials (401). Check its token.`)
  if (status === 403)
    throw new SourceError('forbidden', source.name, `${source.name} answered 403 to GET ${withoutQuery(path)}.`, {
      missingPermission: `GET ${withoutQuery(path)} on ${source.name}`,
    })
  return { status, body: parse(text) }
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

function transportError(source: HttpSource, error: unknown, deadline: AbortSignal): SourceError {
  if (deadline.aborted)
    return new SourceError(
      'timeout',
      source.name,
      `${source.name} did not answer within ${source.timeoutMs / 1000} s.`,
      { cause: error },
    )
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'connection failed'
  return new SourceError(
    'unreachable',
    source.name,
    `${source.name} could not be reached at ${new URL(source.baseUrl).host} (${code}).`,
    { cause: error },
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function withoutQuery(path: string): string {
  return path.split('?')[0] ?? path
}
