import type { IncomingMessage } from 'node:http'
import { fieldsOf } from '../domain/fields.ts'
import type { SlackMeter } from './meter.ts'
import { createRecent } from './recent.ts'
import { signatureProblem } from './signature.ts'

/** What to answer without asking Bolt; `pass` when the request is Slack's, new and readable. */
export type Judgement = 'pass' | 200 | 400 | 401 | 413

export interface RequestGuard {
  /** Reads the body, and leaves it on the request for Bolt. Rejects only when the connection breaks. */
  judge(req: IncomingMessage): Promise<Judgement>
}

/** A click carries the whole message that it was made on; nothing that Slack sends is much larger. */
const BODY_BYTES = 1_000_000
const FORM = 'application/x-www-form-urlencoded'
const REMEMBERED_MS = 10 * 60_000
const REMEMBERED = 50_000

/**
 * Stands in front of Bolt, which lets timestamps of the future and repeated requests pass, and fails without an answer on bodies that are
 * JSON but no object.
 */
export function createRequestGuard(options: {
  readonly signingSecret: string
  readonly now: () => number
  readonly meter?: SlackMeter
}): RequestGuard {
  const { signingSecret, now, meter } = options
  const signatures = createRecent({ ttlMs: REMEMBERED_MS, limit: REMEMBERED, now })

  function refuse(why: 'forged' | 'stale' | 'malformed' | 'too-large' | 'replayed', answer: Judgement): Judgement {
    meter?.slackRequest('http', why)
    return answer
  }

  return {
    async judge(req) {
      const body = await readBody(req)
      if (body === undefined) return refuse('too-large', 413)
      const signature = header(req, 'x-slack-signature')
      const contentType = header(req, 'content-type')?.split(';')[0]?.trim().toLowerCase()
      // Slack looks at our certificate from time to time, without a signature; nothing else in such a form counts.
      if (contentType === FORM && new URLSearchParams(body.toString()).get('ssl_check') === '1') return 200
      const problem = signatureProblem(
        signingSecret,
        { signature, timestamp: header(req, 'x-slack-request-timestamp') },
        body,
        now(),
      )
      if (problem !== undefined) return refuse(problem, 401)
      // Whoever repeats a request learns nothing and starts nothing; Slack's own retries are signed anew.
      if (!signatures.firstTime(signature ?? '')) return refuse('replayed', 200)
      if (!isReadable(body.toString(), contentType)) return refuse('malformed', 400)
      // Bolt compares the whole header, and takes a body that was read before from here.
      if (contentType !== undefined) req.headers['content-type'] = contentType
      Object.assign(req, { rawBody: body })
      meter?.slackRequest('http', 'accepted')
      return 'pass'
    },
  }
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? undefined : value
}

/** Undefined when it is larger than anything that Slack sends. */
async function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(req.headers['content-length'] ?? 0) > BODY_BYTES) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req) {
    // A request without an encoding yields Buffers.
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > BODY_BYTES) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks, size)
}

/** A form, or a JSON object; in a form, `payload` is a JSON object. */
function isReadable(text: string, contentType: string | undefined): boolean {
  if (contentType !== FORM) return isObject(text)
  const payload = new URLSearchParams(text).get('payload')
  return payload === null || isObject(payload)
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return fieldsOf(value) === value && !Array.isArray(value)
  } catch {
    return false
  }
}
