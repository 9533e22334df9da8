import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, readBody } from '../../../src/sandbox/http.ts'

/** A bot as whoever sends it work sees it. */
export interface Backend {
  readonly url: string
  readonly opsUrl: string
}

/** Spreads requests over the bots that say that they are ready. */
export interface Balancer {
  readonly url: string
  /** Requests that each bot was given, in the order of the backends. */
  readonly shares: readonly number[]
  stop(): Promise<void>
}

const ASK_EVERY_MS = 250
const ASK_WITHIN_MS = 1_000
const ANSWER_WITHIN_MS = 10_000
const MAX_BODY_BYTES = 2_000_000

/**
 * Takes turns among the bots whose `/readyz` answered last. It repeats nothing, as a load balancer must not with a POST: what a bot does not
 * answer is a 503 for whoever asked.
 */
export async function startBalancer(backends: readonly Backend[]): Promise<Balancer> {
  const ready = new Set<number>()
  const shares = backends.map(() => 0)
  const stopping = new AbortController()
  let turn = 0

  async function watch({ opsUrl }: Backend, index: number): Promise<void> {
    while (!stopping.signal.aborted) {
      if (await isReady(opsUrl, stopping.signal)) ready.add(index)
      else ready.delete(index)
      await sleep(ASK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const watching = backends.map(watch)
  const server = await listen(async (req, res) => {
    const body = await readBody(req, MAX_BODY_BYTES)
    const chosen = [...ready].toSorted((left, right) => left - right)[turn++ % Math.max(1, ready.size)]
    const backend = chosen === undefined ? undefined : backends[chosen]
    if (chosen === undefined || backend === undefined) {
      res.writeHead(503).end()
      return
    }
    shares[chosen] = (shares[chosen] ?? 0) + 1
    await passOn(backend.url, req, body, res)
  })
  return {
    url: server.url,
    shares,
    async stop() {
      stopping.abort()
      await Promise.all(watching)
      await server.stop()
    },
  }
}

async function isReady(opsUrl: string, stopping: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(ASK_WITHIN_MS)])
    const response = await fetch(`${opsUrl}/readyz`, { signal })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function passOn(url: string, req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const { connection: _hop, 'transfer-encoding': _framing, ...headers } = req.headers
    const settings = {
      method: req.method,
      headers: { ...headers, 'content-length': String(body.length) },
      agent: false as const,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    }
    const fail = (): void => {
      if (!res.headersSent) res.writeHead(503)
      res.end()
      resolve()
    }
    const outgoing = request(new URL(req.url ?? '/', url), settings, (answer) => {
      answer.once('error', fail)
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('end', () => {
        res.writeHead(answer.statusCode ?? 502, answer.headers)
        res.end(Buffer.concat(chunks))
        resolve()
      })
    })
    outgoing.once('error', fail)
    // Whoever gave up waiting is not waited for.
    res.once('close', () => outgoing.destroy())
    outgoing.end(body)
  })
}
