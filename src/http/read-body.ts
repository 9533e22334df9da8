import type { IncomingMessage } from 'node:http'

export type BodyReading =
  | { readonly ok: true; readonly body: Buffer }
  /** `aborted`: the client went away, so nobody waits for an answer. */
  | { readonly ok: false; readonly reason: 'too-large' | 'aborted' }

/** Beyond the limit this much is read and thrown away: a client that is still sending would not see the answer. */
const DISCARDED_BYTES = 1024 * 1024

/** Reads the whole body, at most `limitBytes` of it. Never rejects; how long it may take is the server's `requestTimeout`. */
export function readBody(req: IncomingMessage, limitBytes: number): Promise<BodyReading> {
  return new Promise((resolve) => {
    const patience = limitBytes + DISCARDED_BYTES
    let chunks: Buffer[] = []
    let size = 0

    function take(chunk: Buffer): void {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
      else chunks = []
      if (size > patience) end({ ok: false, reason: 'too-large' })
    }
    function end(reading: BodyReading): void {
      req.off('data', take).pause()
      resolve(reading)
    }

    req.once('error', () => end({ ok: false, reason: 'aborted' }))
    req.once('close', () => end({ ok: false, reason: 'aborted' }))
    if (Number(req.headers['content-length'] ?? 0) > patience) {
      end({ ok: false, reason: 'too-large' })
      return
    }
    req.once('end', () =>
      end(size > limitBytes ? { ok: false, reason: 'too-large' } : { ok: true, body: Buffer.concat(chunks, size) }),
    )
    req.on('data', take)
  })
}
